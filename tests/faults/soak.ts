import { setTimeout as wait } from 'node:timers/promises'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import type { System } from '../support/system.ts'
import type { FaultRun } from './fault-run.ts'
import type { ProcessSample } from './history.ts'
import type { RowDefinition } from './row.ts'
import type { SeededRandom } from './seeded-random.ts'
import { UNANSWERED_LOOK_UP } from './support/answers.ts'
import { type FaultProxy, startFaultProxy } from './support/fault-proxy.ts'
import { silenceHalf } from './support/instances.ts'
import { type OwnServer, startOwnBroker } from './support/own-server.ts'

const KINDS = ['broker killed', 'evolution refuses', 'errors', 'consumer killed', 'rebalance storm'] as const
type Kind = (typeof KINDS)[number]

type SoakFault = Readonly<{ kind: Kind; forMs: number; thenMs: number }>
export type SoakSchedule = Readonly<{ minutes: number; everyMs: number; faults: readonly SoakFault[] }>

const SLOPE_MAX_MB_PER_MINUTE = 1
/** A shorter run is all warm-up: what it grows by says nothing. */
const SLOPE_FROM_MINUTES = 10
const PACE = { perMinute: 600, burst: 5 }

/** Faults of several rows in turn, for so many minutes, under a steady load of two users. */
export function soakDefinition(minutes?: number): RowDefinition<SoakSchedule> {
  return {
    number: 28,
    title: 'soak: rows 1, 8, 11, 15 and 18 mixed',
    demand: 'all invariants; memory grows by less than 1 MB a minute',
    alone: true,
    schedule: (random, bySize) => scheduleOf(minutes ?? bySize({ short: 1, usual: 3, full: 45 }), random),
    run: soak,
  }
}

function scheduleOf(minutes: number, random: SeededRandom): SoakSchedule {
  const faults: SoakFault[] = []
  for (let ms = 0; ms < minutes * 60_000; ) {
    const fault = {
      kind: random.pick(KINDS),
      forMs: random.between(4000, 12_000),
      thenMs: random.between(4000, 12_000),
    }
    faults.push(fault)
    ms += fault.forMs + fault.thenMs
  }
  return { minutes, everyMs: random.between(300, 500), faults }
}

async function soak(run: FaultRun, { minutes, everyMs, faults }: SoakSchedule): Promise<void> {
  const broker = run.owns(await startOwnBroker(), (server) => server.stop())
  let proxy: FaultProxy | undefined
  let gatewayPort = 0
  const system = await run.startSystem({
    brokers: broker.address,
    gatewayUrlFor: async (port) => {
      gatewayPort = port
      proxy = await startFaultProxy(port)
      return `http://${proxy.address}`
    },
    gatewayEnv: { SANDBOX_LATENCY_MS: '40', SANDBOX_LATENCY_JITTER_MS: '20' },
  })
  run.owns(undefined, () => proxy?.close())
  const another = await run.account('another')
  const lanes = [
    ...(await run.createLanes({ instances: ['a', 'b'], recipients: 4 })),
    ...(await run.createLanes({ instances: ['c', 'd'], recipients: 4, account: another })),
    ...(await run.createLanes({ instances: ['paced'], recipients: 2, pace: PACE })),
  ]
  await silenceHalf(system.gateway, ['a', 'b', 'c', 'd'])
  const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs, keys: true })
  const strike = strikesOf({
    run,
    system,
    broker,
    refuse: async (forMs) => {
      const listenedOn = proxy?.port ?? 0
      await run.doubling('the connections end', async () => await proxy?.close())
      await wait(forMs)
      proxy = await startFaultProxy(gatewayPort, listenedOn)
    },
  })
  for (const { kind, forMs, thenMs } of faults) {
    await strike[kind](forMs)
    await wait(thenMs)
  }
  await load.stop()
  await run.untilQuiet(300_000)

  const slopes = slopesOf(run.observer().processes(), ['api', 'consumer-1'])
  const seen = slopes.map(({ name, slope }) => `${name} ${slope.toFixed(2)} MB/min`).join(', ')
  const flat = slopes.every(({ slope }) => slope < SLOPE_MAX_MB_PER_MINUTE)
  if (minutes >= SLOPE_FROM_MINUTES) run.demand('memory grows by less than 1 MB a minute', flat, seen)
  const struck = KINDS.map((kind) => `${kind} ${faults.filter((fault) => fault.kind === kind).length}`).join(', ')
  run.demand('faults struck', faults.length > 0, struck)
}

/** One more consumer than the first, which is never touched, comes and goes. */
function strikesOf(o: {
  run: FaultRun
  system: System
  broker: OwnServer
  refuse(forMs: number): Promise<void>
}): Record<Kind, (forMs: number) => Promise<void>> {
  const { run, system, broker } = o
  return {
    'broker killed': async (forMs) => {
      await broker.kill()
      await wait(forMs)
      await broker.restart()
    },
    'evolution refuses': (forMs) => o.refuse(forMs),
    errors: async (forMs) => {
      await system.gateway.program('*', { failRate: 0.3, ...UNANSWERED_LOOK_UP })
      await wait(forMs)
      await system.gateway.program('*', {})
    },
    'consumer killed': async (forMs) => {
      const victim = await system.startConsumer()
      await wait(forMs)
      await run.doubling('kill', async () => {
        process.kill(victim.pid, 'SIGKILL')
        await victim.exited
      })
    },
    'rebalance storm': async (forMs) => {
      let guest: RunningProcess | undefined
      const until = performance.now() + forMs * 2
      while (performance.now() < until || guest !== undefined) {
        if (guest === undefined) guest = await system.startConsumer()
        else {
          await guest.stop()
          guest = undefined
        }
        await wait(2000)
      }
    },
  }
}

/** MB a minute by which each of these programs grew, by least squares, its first fifth left out. */
function slopesOf(samples: readonly ProcessSample[], names: readonly string[]): { name: string; slope: number }[] {
  return names.map((name) => {
    const all = samples.filter((sample) => sample.name === name)
    const points = all.slice(Math.floor(all.length / 5)).map(({ at, rssMb }) => ({ x: at / 60_000, y: rssMb }))
    const mean = (value: (point: { x: number; y: number }) => number) =>
      points.reduce((sum, point) => sum + value(point), 0) / points.length
    const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)]
    const covariance = mean(({ x, y }) => (x - meanX) * (y - meanY))
    return { name, slope: covariance / mean(({ x }) => (x - meanX) ** 2) }
  })
}
