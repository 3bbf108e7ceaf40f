import type { Instance } from '@whatsapp-sender/store'
import { type BenchResult, resultOf } from '../bench-result.ts'
import type { Options } from '../options.ts'
import { spreadOf } from '../statistics.ts'
import { install } from '../system/installation.ts'
import { tableOf } from '../table.ts'
import { createFleet } from './fleet.ts'
import { measureBarePosts } from './measure-bare-posts.ts'
import { type Drain, type DrainParts, measureDrain } from './measure-drain.ts'
import { type HotLane, measureHotLane } from './measure-hot-lane.ts'
import { measureSequential } from './measure-sequential.ts'
import { planForAll, planForOne } from './plan.ts'
import { withGateway } from './with-gateway.ts'

const INSTANCES = 1000
const PARTITIONS = 6
const ROUNDS = 3
const ONE_RECIPIENT_MESSAGES = 100

/** What is measured, each by the latency of the gateway and the requests that may be open. */
const DRAINS = {
  base: { latencyMs: 100, inFlightMax: 256, recipients: 20_000, goal: 0.9 },
  '512': { latencyMs: 100, inFlightMax: 512, recipients: 20_000, goal: 0.75 },
  slow: { latencyMs: 1000, inFlightMax: 256, recipients: 10_000, goal: 0.95 },
} as const
const HOT = { latencyMs: 100, inFlightMax: 256, hot: 1000, others: 20, goal: 0.85 } as const

type Measured = {
  drains: Partial<Record<keyof typeof DRAINS, readonly Drain[]>>
  bareMicros?: number
  hotLane?: HotLane
  oneRecipient?: Drain
  plain?: number
  generous?: number
}

/** How fast a backlog leaves, beside what the gateway's latency allows and beside a sequential consumer. */
export async function runDeliverBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: PARTITIONS })
  console.log(`deliver · ${installation.machine.description} · pinned: ${installation.machine.isPinned}`)
  const fleet = await createFleet(installation, { count: INSTANCES, state: 'open' })
  const isWanted = (part: string) => options.only === undefined || options.only.includes(part)
  const measured: Measured = { drains: {} }

  if (['base', '512', 'one-recipient', 'sequential', 'hot-lane'].some(isWanted))
    await withGateway(installation, { fleet, latencyMs: 100 }, async (gateway) => {
      await measureFast({ ...gateway, inFlightMax: DRAINS.base.inFlightMax }, { fleet, options, isWanted, measured })
    })
  if (isWanted('slow'))
    await withGateway(installation, { fleet, latencyMs: DRAINS.slow.latencyMs }, async (gateway) => {
      measured.drains.slow = [await drainOf({ ...gateway, inFlightMax: 256 }, 'slow', { fleet, options, round: 1 })]
    })
  return report(measured)
}

async function measureFast(
  parts: DrainParts,
  run: Readonly<{
    fleet: readonly Instance[]
    options: Options
    isWanted(part: string): boolean
    measured: Measured
  }>,
): Promise<void> {
  const { fleet, options, isWanted, measured } = run
  const [first] = fleet
  if (first === undefined) throw new Error('there is no instance')
  if (isWanted('base')) {
    const drains: Drain[] = []
    const bare: number[] = []
    for (let round = 1; round <= (options.rounds ?? ROUNDS); round++) {
      drains.push(await drainOf(parts, 'base', { ...run, round }))
      bare.push(await measureBarePosts(parts, fleet, options.isQuick ? 2000 : 10_000))
      console.log(`a bare POST: ${bare.at(-1)} µs of CPU`)
    }
    measured.drains.base = drains
    measured.bareMicros = spreadOf(bare, 0).median
  }
  if (isWanted('512'))
    measured.drains['512'] = [await drainOf({ ...parts, inFlightMax: 512 }, '512', { ...run, round: 1 })]
  if (isWanted('one-recipient')) {
    measured.oneRecipient = await measureDrain(parts, planForOne(first, ONE_RECIPIENT_MESSAGES, 'one recipient'))
    console.log(`one recipient: ${measured.oneRecipient.perSecond.toFixed(2)} messages/s of 10`)
  }
  if (isWanted('sequential') && isWanted('base')) {
    measured.plain = await measureSequential(parts, { messages: 300, partitionsAtOnce: 1 })
    console.log(`sequential: ${measured.plain.toFixed(2)} messages/s`)
    measured.generous = await measureSequential(parts, { messages: 1500, partitionsAtOnce: PARTITIONS })
    console.log(`sequential, ${PARTITIONS} partitions at once: ${measured.generous.toFixed(2)} messages/s`)
  }
  if (isWanted('hot-lane')) {
    measured.hotLane = await measureHotLane(parts, fleet, { hot: options.isQuick ? 100 : HOT.hot, others: HOT.others })
    const { perSecond, othersShare } = measured.hotLane
    console.log(
      `hot lane: ${Math.round(perSecond)} messages/s of 2560, ${Math.round(othersShare * 100)} % to the others`,
    )
  }
}

async function drainOf(
  parts: DrainParts,
  name: keyof typeof DRAINS,
  { fleet, options, round }: Readonly<{ fleet: readonly Instance[]; options: Options; round: number }>,
): Promise<Drain> {
  const { recipients, latencyMs, inFlightMax } = DRAINS[name]
  const drain = await measureDrain(
    parts,
    planForAll(fleet, options.isQuick ? recipients / 4 : recipients, `${name} ${round}`),
  )
  const ideal = (inFlightMax * 1000) / latencyMs
  const { consumer, mongod, gateway } = drain.micros
  console.log(
    `${name} ${round}: ${Math.round(drain.perSecond)} messages/s of ${ideal} · µs of CPU each: consumer ${consumer}, ` +
      `mongod ${mongod ?? '?'}, gateway ${gateway} · consumer ${drain.consumerRssMib} MiB`,
  )
  return drain
}

function report({ drains, bareMicros, hotLane, oneRecipient, plain, generous }: Measured): BenchResult {
  const rows: string[][] = [['', 'messages/s', '÷ ideal', 'goal', 'peak', 'CPU: consumer', 'mongod', 'gateway µs']]
  const figures: Record<string, unknown> = {}
  const broken: string[] = []
  const names = ['base', '512', 'slow'] as const
  for (const name of names) {
    const all = drains[name]
    if (all === undefined) continue
    const { inFlightMax, latencyMs, goal } = DRAINS[name]
    const perSecond = spreadOf(
      all.map((drain) => drain.perSecond),
      0,
    )
    const ratio = spreadOf(all.map((drain) => (drain.perSecond * latencyMs) / 1000 / inFlightMax))
    const micros = (part: keyof Drain['micros']) => microsOf(all, part)
    const peak = Math.max(...all.map((drain) => drain.peak))
    rows.push([
      `${latencyMs} ms × ${inFlightMax}`,
      ...[`${perSecond.median}`, `${ratio.median}`, `${goal}`, `${peak}`],
      ...(['consumer', 'mongod', 'gateway'] as const).map((part) => `${micros(part) ?? '?'}`),
    ])
    const cpuMicrosPerMessage = { consumer: micros('consumer'), mongod: micros('mongod'), gateway: micros('gateway') }
    const measured = { ratio: ratio.median, ratioRange: [ratio.min, ratio.max], messagesPerSecond: perSecond, peak }
    if (name === 'base') Object.assign(figures, { ...measured, rounds: all.length, cpuMicrosPerMessage })
    else figures[name === '512' ? 'inFlight512' : 'latency1000'] = { ...measured, cpuMicrosPerMessage }
    broken.push(...brokenIn(name, all, inFlightMax))
  }
  if (hotLane !== undefined) {
    const ratio = Number((hotLane.perSecond / 2560).toFixed(3))
    rows.push([
      '100 ms × 256, hot lanes',
      `${Math.round(hotLane.perSecond)}`,
      `${ratio}`,
      `${HOT.goal}`,
      `${hotLane.peak}`,
    ])
    figures['hotLaneRatio'] = ratio
    figures['hotLaneOthersShare'] = Number(hotLane.othersShare.toFixed(2))
    broken.push(...hotLane.broken, ...overLimit('hot lane', hotLane.peak, HOT.inFlightMax))
  }
  if (oneRecipient !== undefined) {
    const ratio = Number(((oneRecipient.perSecond * 100) / 1000).toFixed(3))
    rows.push(['one recipient', oneRecipient.perSecond.toFixed(2), `${ratio}`, '0.8', `${oneRecipient.peak}`])
    figures['oneRecipientRatio'] = ratio
    broken.push(...brokenIn('one recipient', [oneRecipient], 1))
  }
  console.log(tableOf(rows))
  const base = drains.base
  if (base !== undefined && bareMicros !== undefined) {
    const ratioTo = (micros: number | undefined) => micros && Number((micros / bareMicros).toFixed(2))
    figures['barePostMicros'] = bareMicros
    figures['cpuPerBarePost'] = {
      consumer: ratioTo(microsOf(base, 'consumer')),
      mongod: ratioTo(microsOf(base, 'mongod')),
    }
  }
  if (base !== undefined && plain !== undefined && generous !== undefined) {
    const perSecond = spreadOf(base.map((drain) => drain.perSecond)).median
    figures['plainSequentialRatio'] = Number((perSecond / plain).toFixed(1))
    figures['generousSequentialRatio'] = Number((perSecond / generous).toFixed(1))
  }
  return resultOf(broken, figures)
}

function microsOf(drains: readonly Drain[], part: keyof Drain['micros']): number | undefined {
  const known = drains.map(({ micros }) => micros[part]).filter((micros) => micros !== undefined)
  return known.length === 0 ? undefined : spreadOf(known, 0).median
}

/** Every drain has to be without a fault, or none of the figures counts. */
function brokenIn(name: string, drains: readonly Drain[], inFlightMax: number): string[] {
  return drains.flatMap(({ findings, peak }) => [
    ...Object.entries(findings).flatMap(([what, count]) => (count > 0 ? [`${name}, ${what}: ${count}`] : [])),
    ...overLimit(name, peak, inFlightMax),
  ])
}

function overLimit(name: string, peak: number, limit: number): string[] {
  return peak > limit ? [`${name}: ${peak} requests in flight at the gateway, more than ${limit}`] : []
}
