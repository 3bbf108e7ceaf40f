import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Instance } from '@whatsapp-sender/store'
import { type BenchResult, resultOf } from '../bench-result.ts'
import { createFleet } from '../deliver/fleet.ts'
import type { DrainParts } from '../deliver/measure-drain.ts'
import { planForEach } from '../deliver/plan.ts'
import { withGateway } from '../deliver/with-gateway.ts'
import { emptyLedger, seedLedger } from '../ledger/seed-ledger.ts'
import type { Options } from '../options.ts'
import { spreadOf } from '../statistics.ts'
import { install } from '../system/installation.ts'
import { cpuSecondsOf, memoryOf } from '../system/process-usage.ts'
import { startConsumer } from '../system/programs.ts'
import { tableOf } from '../table.ts'

const INSTANCES = 5000
const FEW_EACH = 2
const MANY_EACH = 200
/** What was open while the gateway stood still is left out. */
const SKIPPED = 1000
const MEASURED = 8000
const RSS_GOAL_MIB = 400
const RATIO_GOAL = 1.2

type Cost = Readonly<{
  waiting: number
  consumer: number | undefined
  mongod: number | undefined
  rssMib: number | undefined
  messagesPerSecond: number
}>

/** What a delivered message costs while many wait, beside what it costs while few do: CPU time, so noise counts little. */
export async function runBacklogBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: 6 })
  console.log(`deliver-backlog · ${installation.machine.description}`)
  const fleet = await createFleet(installation, { count: INSTANCES, state: 'open' })
  const many = options.isQuick ? MANY_EACH / 10 : MANY_EACH
  const costs = await withGateway(installation, { fleet, latencyMs: 100 }, async (gateway) => {
    const parts = { ...gateway, inFlightMax: 256 }
    const few: Cost[] = []
    const lots: Cost[] = []
    for (let round = 1; round <= (options.rounds ?? 1); round++) {
      few.push(await measureCost(parts, fleet, { each: FEW_EACH, name: `few ${round}` }))
      lots.push(await measureCost(parts, fleet, { each: many, name: `many ${round}` }))
    }
    return { few, lots }
  })
  return report(costs)
}

async function measureCost(
  { installation, gateway, gatewayPid, inFlightMax }: DrainParts,
  fleet: readonly Instance[],
  { each, name }: Readonly<{ each: number; name: string }>,
): Promise<Cost> {
  const waiting = await seedLedger(installation.store, planForEach(fleet, each, name))
  console.log(`${waiting} messages wait`)
  const before = (await gateway.stats()).requests
  // Until every instance has been read the gateway stands still: reading them is not part of a message's cost.
  process.kill(gatewayPid, 'SIGSTOP')
  const consumer = await startConsumer(installation, { MAX_IN_FLIGHT: String(inFlightMax) })
  try {
    await untilIdle(consumer.pid).finally(() => process.kill(gatewayPid, 'SIGCONT'))
    const take = (count: number) =>
      until(
        `${count} messages have left`,
        async () => {
          const { requests } = await gateway.stats()
          if (requests < before + count) return undefined
          const mongod = cpuSecondsOf(installation.servers.mongodPid)
          return { requests, at: performance.now(), consumer: cpuSecondsOf(consumer.pid), mongod }
        },
        { timeoutMs: 300_000 },
      )
    const first = await take(SKIPPED)
    const last = await take(SKIPPED + MEASURED)
    const count = last.requests - first.requests
    const micros = (a: number | undefined, b: number | undefined) =>
      a === undefined || b === undefined ? undefined : Math.round(((b - a) * 1e6) / count)
    const cost = {
      waiting,
      consumer: micros(first.consumer, last.consumer),
      mongod: micros(first.mongod, last.mongod),
      rssMib: memoryOf(consumer.pid)?.peakMib,
      messagesPerSecond: Math.round((count * 1000) / (last.at - first.at)),
    }
    console.log(JSON.stringify(cost))
    return cost
  } finally {
    await consumer.stop()
    await emptyLedger(installation.store)
  }
}

async function untilIdle(pid: number): Promise<void> {
  let before = 0
  await until(
    'the consumer has read what waits',
    () => {
      const now = cpuSecondsOf(pid) ?? 0
      const isIdle = before > 0 && now - before < 0.2
      before = now
      return isIdle ? true : undefined
    },
    { everyMs: 2000 },
  )
}

function report({ few, lots }: Readonly<{ few: readonly Cost[]; lots: readonly Cost[] }>): BenchResult {
  const median = (costs: readonly Cost[], part: 'consumer' | 'mongod' | 'rssMib' | 'messagesPerSecond') => {
    const known = costs.map((cost) => cost[part]).filter((value) => value !== undefined)
    return known.length === 0 ? undefined : spreadOf(known, 0).median
  }
  const rows = [few, lots].map((costs) => [
    `${costs[0]?.waiting} waiting`,
    ...(['consumer', 'mongod', 'rssMib', 'messagesPerSecond'] as const).map((part) => `${median(costs, part) ?? '?'}`),
  ])
  console.log(tableOf([['', 'CPU: consumer', 'mongod µs', 'RSS MiB', 'messages/s'], ...rows]))
  const ratioOf = (part: 'consumer' | 'mongod') => {
    const [a, b] = [median(few, part), median(lots, part)]
    return a === undefined || b === undefined ? undefined : Number((b / a).toFixed(2))
  }
  const total = (costs: readonly Cost[]) => (median(costs, 'consumer') ?? 0) + (median(costs, 'mongod') ?? 0)
  return resultOf([], {
    ratio: Number((total(lots) / total(few)).toFixed(2)),
    ratioGoal: RATIO_GOAL,
    consumerRatio: ratioOf('consumer'),
    mongodRatio: ratioOf('mongod'),
    consumerRssPeakMib: median(lots, 'rssMib'),
    rssGoalMib: RSS_GOAL_MIB,
  })
}
