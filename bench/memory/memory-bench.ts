import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type BenchResult, resultOf } from '../bench-result.ts'
import { createFleet, registerFleet } from '../deliver/fleet.ts'
import { planForAll } from '../deliver/plan.ts'
import { produceBacklog } from '../kafka/produce-backlog.ts'
import { connectKafka } from '../kafka/topic-client.ts'
import type { Options } from '../options.ts'
import { install } from '../system/installation.ts'
import { memoryOf } from '../system/process-usage.ts'
import { startConsumer, startGateway } from '../system/programs.ts'

const INSTANCES = 1000
const WAITING = 100_000
const SETTLE_MS = 10_000

/** What a consumer holds in memory while 100,000 messages wait in the ledger for instances that are not connected. */
export async function runMemoryBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: 6 })
  console.log(`memory · ${installation.machine.description}`)
  const gateway = await startGateway(installation, { SANDBOX_AUTO_OPEN: 'false' })
  cleanups.defer(async () => void (await gateway.stop()))
  const fleet = await createFleet(installation, { count: INSTANCES, state: 'close' })
  await registerFleet(installation, fleet)
  const plan = planForAll(fleet, WAITING, 'waiting').slice(0, WAITING)
  await produceBacklog(connectKafka(installation.brokers), installation.names.messages, plan)

  const consumer = await startConsumer(installation)
  cleanups.defer(async () => void (await consumer.stop()))
  const rows = installation.store.db.collection('messages')
  await until(
    'every message waits in the ledger',
    async () => ((await rows.countDocuments({ status: 'queued' })) >= WAITING ? true : undefined),
    { timeoutMs: 120_000, everyMs: 500 },
  )
  await wait(SETTLE_MS)
  const memory = memoryOf(consumer.pid)
  const left = await rows.countDocuments({ status: { $ne: 'queued' } })
  return resultOf(left > 0 ? [`${left} messages of closed instances did not wait`] : [], {
    waiting: WAITING,
    consumerRssMib: memory?.nowMib,
    consumerRssPeakMib: memory?.peakMib,
  })
}
