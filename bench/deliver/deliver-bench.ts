import { type BenchResult, resultOf } from '../bench-result.ts'
import { connectKafka } from '../kafka/topic-client.ts'
import type { Options } from '../options.ts'
import { spreadOf } from '../statistics.ts'
import { gatewayAt } from '../system/gateway.ts'
import { install } from '../system/installation.ts'
import { startGateway } from '../system/programs.ts'
import { registerFleet } from './fleet.ts'
import { type Drain, type DrainParts, measureDrain } from './measure-drain.ts'
import { measureSequential } from './measure-sequential.ts'
import { planForAll, planForOne } from './plan.ts'

const LATENCY_MS = 100
const LATENCY_JITTER_MS = 20
const INSTANCES = 1000
const RECIPIENTS = 20_000
const IN_FLIGHT_MAX = 256
const PARTITIONS = 6
const ROUNDS = 3
const ONE_RECIPIENT_MESSAGES = 100

/** How fast a backlog leaves, beside what the gateway's latency allows and beside a sequential consumer. */
export async function runDeliverBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: PARTITIONS })
  console.log(`deliver · ${installation.machine.description} · pinned: ${installation.machine.isPinned}`)
  const gatewayProcess = await startGateway(installation, {
    SANDBOX_LATENCY_MS: String(LATENCY_MS),
    SANDBOX_LATENCY_JITTER_MS: String(LATENCY_JITTER_MS),
  })
  cleanups.defer(async () => void (await gatewayProcess.stop()))
  const fleet = await registerFleet(installation, { count: INSTANCES, state: 'open' })
  const parts: DrainParts = {
    installation,
    kafka: connectKafka(installation.brokers),
    gateway: gatewayAt(installation.gatewayUrl),
    gatewayPid: gatewayProcess.pid,
    inFlightMax: IN_FLIGHT_MAX,
  }

  const ideal = IN_FLIGHT_MAX / (LATENCY_MS / 1000)
  const drains: Drain[] = []
  for (let round = 1; round <= (options.rounds ?? ROUNDS); round++) {
    const drain = await measureDrain(parts, planForAll(fleet, RECIPIENTS, `round ${round}`))
    drains.push(drain)
    console.log(`round ${round}: ${Math.round(drain.perSecond)} messages/s of ${ideal} · ${describe(drain)}`)
  }
  const [first] = fleet
  if (first === undefined) throw new Error('there is no instance')
  const one = await measureDrain(parts, planForOne(first, ONE_RECIPIENT_MESSAGES, 'one recipient'))
  console.log(`one recipient: ${one.perSecond.toFixed(2)} messages/s of ${1000 / LATENCY_MS}`)
  const plain = await measureSequential(parts, { messages: 300, partitionsAtOnce: 1 })
  console.log(`sequential: ${plain.toFixed(2)} messages/s`)
  const generous = await measureSequential(parts, { messages: 1500, partitionsAtOnce: PARTITIONS })
  console.log(`sequential, ${PARTITIONS} partitions at once: ${generous.toFixed(2)} messages/s`)

  const ratio = spreadOf(drains.map(({ perSecond }) => perSecond / ideal))
  const perSecond = spreadOf(
    drains.map((drain) => drain.perSecond),
    0,
  )
  return resultOf(brokenIn([...drains, one]), {
    ratio: ratio.median,
    plainSequentialRatio: Number((perSecond.median / plain).toFixed(1)),
    generousSequentialRatio: Number((perSecond.median / generous).toFixed(1)),
    oneRecipientRatio: Number(((one.perSecond * LATENCY_MS) / 1000).toFixed(3)),
    ratioRange: [ratio.min, ratio.max],
    messagesPerSecond: perSecond,
    plainSequentialPerSecond: Number(plain.toFixed(2)),
    generousSequentialPerSecond: Number(generous.toFixed(2)),
    cpuMicrosPerMessage: {
      consumer: microsOf(drains, 'consumer'),
      mongod: microsOf(drains, 'mongod'),
      gateway: microsOf(drains, 'gateway'),
    },
    consumerRssMib: Math.max(...drains.map(({ consumerRssMib = 0 }) => consumerRssMib)),
    inFlightPeak: Math.max(...drains.map(({ peak }) => peak)),
    rounds: drains.length,
  })
}

function microsOf(drains: readonly Drain[], part: keyof Drain['micros']): number | undefined {
  const known = drains.map(({ micros }) => micros[part]).filter((micros) => micros !== undefined)
  return known.length === 0 ? undefined : spreadOf(known, 0).median
}

function describe({ micros, consumerRssMib }: Drain): string {
  const { consumer, mongod, gateway } = micros
  return `µs of CPU each: consumer ${consumer}, mongod ${mongod ?? '?'}, gateway ${gateway} · consumer ${consumerRssMib} MiB`
}

/** Every drain has to be without a fault, or none of the figures counts. */
function brokenIn(drains: readonly Drain[]): string[] {
  return drains.flatMap(({ findings, peak }) => [
    ...Object.entries(findings).flatMap(([what, count]) => (count > 0 ? [`${what}: ${count}`] : [])),
    ...(peak > IN_FLIGHT_MAX ? [`${peak} requests in flight at the gateway, more than ${IN_FLIGHT_MAX}`] : []),
  ])
}
