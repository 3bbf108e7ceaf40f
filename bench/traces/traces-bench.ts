import { randomBytes } from 'node:crypto'
import { prepareSender, type Sender } from '../accept/sender.ts'
import { type BenchResult, resultOf } from '../bench-result.ts'
import type { Options } from '../options.ts'
import { spreadOf } from '../statistics.ts'
import { type Installation, install } from '../system/installation.ts'
import { startApi, startGateway } from '../system/programs.ts'
import { tableOf } from '../table.ts'
import { measureBranches } from './branch-cost.ts'
import { startCollector } from './collector.ts'
import { type Cost, measureMode } from './measure-mode.ts'

const PARTITIONS = 6
const ROUNDS = 3
const SECONDS = 8
/** What tracing may cost when there is none, of the CPU time per message. */
const OFF_SHARE_MAX = 0.01

/** By name: which part of the traces is kept; undefined: nothing is traced. */
const MODES = { off: undefined, none: '0', twentieth: '0.05', all: '1' } as const

type Mode = keyof typeof MODES

/** What traces cost the processes that make them, per message, and what they cost those that make none. */
export async function runTracesBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const branchNanos = measureBranches(options.env)
  const installation = await install(options, { cleanups, partitions: PARTITIONS })
  console.log(`traces · ${installation.machine.description} · pinned: ${installation.machine.isPinned}`)
  const gateway = await startGateway(installation)
  cleanups.defer(async () => void (await gateway.stop()))
  const collector = await startCollector(cleanups)
  // Every API takes what the first one has signed.
  const keys = { JWT_SECRET: randomBytes(32).toString('hex') }
  const sender = await senderOf(installation, keys)

  const costs = new Map<Mode, Cost[]>()
  const rounds = options.rounds ?? (options.isQuick ? 1 : ROUNDS)
  const seconds = options.seconds ?? (options.isQuick ? 2 : SECONDS)
  for (let round = 0; round < rounds; round++) {
    for (const mode of modes()) {
      const env = { ...keys, ...environmentOf(mode, collector.url) }
      const cost = await measureMode(installation, { sender, env, seconds })
      costs.set(mode, [...(costs.get(mode) ?? []), cost])
      console.log(`${mode}: API ${cost.api.toFixed(1)} µs, consumer ${cost.consumer.toFixed(1)} µs a message`)
    }
  }

  const middle = (mode: Mode, of: 'api' | 'consumer') =>
    spreadOf(
      (costs.get(mode) ?? []).map((cost) => cost[of]),
      1,
    )
  const rows = modes().map((mode) => [mode, `${middle(mode, 'api').median}`, `${middle(mode, 'consumer').median}`])
  console.log(tableOf([['traces kept', 'API µs', 'consumer µs'], ...rows]))
  const offMicros = middle('off', 'api').median + middle('off', 'consumer').median
  const offShare = branchNanos / 1000 / offMicros
  const all = [...costs.values()].flat()
  const faults = all.reduce((sum, cost) => sum + cost.faults, 0)
  const broken = [
    ...(faults > 0 ? [`${faults} requests were not answered as they had to be`] : []),
    ...(collector.bytes() === 0 ? ['no trace came to the collector'] : []),
    ...(offShare <= OFF_SHARE_MAX ? [] : [`without traces they cost ${offShare} of the CPU time of a message`]),
  ]
  return resultOf(broken, {
    offShare: Number(offShare.toPrecision(2)),
    branchNanos: Number(branchNanos.toFixed(2)),
    micros: Object.fromEntries(
      modes().map((mode) => [mode, { api: middle(mode, 'api'), consumer: middle(mode, 'consumer') }]),
    ),
    exportedBytes: collector.bytes(),
    messages: all.reduce((sum, cost) => sum + cost.messages, 0),
    rounds,
  })
}

async function senderOf(installation: Installation, keys: Readonly<Record<string, string>>): Promise<Sender> {
  const api = await startApi(installation, keys)
  try {
    return await prepareSender(api)
  } finally {
    await api.stop()
  }
}

function modes(): readonly Mode[] {
  return ['off', 'none', 'twentieth', 'all']
}

function environmentOf(mode: Mode, url: string): Record<string, string> {
  const ratio = MODES[mode]
  return ratio === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER_ARG: ratio }
}
