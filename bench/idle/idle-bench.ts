import { setTimeout as wait } from 'node:timers/promises'
import { type BenchResult, resultOf } from '../bench-result.ts'
import { createFleet, registerFleet } from '../deliver/fleet.ts'
import type { Options } from '../options.ts'
import { install } from '../system/installation.ts'
import { startConsumer, startGateway } from '../system/programs.ts'
import { tableOf } from '../table.ts'
import { watchCommands } from './watch-commands.ts'

const INSTANCES = 5000
/** What follows others' work looks oftener for a minute after it has begun. */
const SETTLE_MS = 75_000
const SECONDS = 60
const GOAL = 2

/** What a consumer asks of the database while 5,000 instances have nothing to send, by the database's own profiler. */
export async function runIdleBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: 6 })
  console.log(`idle · ${installation.machine.description}`)
  const gateway = await startGateway(installation)
  cleanups.defer(async () => void (await gateway.stop()))
  const fleet = await createFleet(installation, { count: options.isQuick ? 500 : INSTANCES, state: 'open' })
  await registerFleet(installation, fleet)
  const consumer = await startConsumer(installation)
  cleanups.defer(async () => void (await consumer.stop()))
  await wait(SETTLE_MS)
  const seconds = options.seconds ?? (options.isQuick ? 20 : SECONDS)
  const commands = await watchCommands(installation.store.db, { appName: 'whatsapp-sender-consumer', seconds })
  const perSecond = (count: number) => Number((count / seconds).toFixed(2))
  const sorted = [...commands].sort(([, a], [, b]) => b - a)
  console.log(tableOf([['command', 'per second'], ...sorted.map(([what, count]) => [what, `${perSecond(count)}`])]))
  const total = perSecond(sorted.reduce((sum, [, count]) => sum + count, 0))
  return resultOf(total > GOAL ? [`${total} commands a second, more than ${GOAL}`] : [], {
    instances: fleet.length,
    commandsPerSecond: total,
    goal: GOAL,
  })
}
