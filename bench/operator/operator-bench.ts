import { setTimeout as wait } from 'node:timers/promises'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import { parseSenderSpec } from '../../infra/src/parse-sender.ts'
import { PRESETS } from '../../infra/src/presets.ts'
import { render } from '../../infra/src/render.ts'
import { createInformer } from '../../services/operator/src/kubernetes/informer.ts'
import { type BenchResult, resultOf } from '../bench-result.ts'
import type { Options } from '../options.ts'
import { percentileOf, spreadOf } from '../statistics.ts'
import { prepareMachine } from '../system/machine.ts'
import { writesOf } from './audit-log.ts'
import { measureInstances } from './many-instances.ts'
import { type OperatorWorld, openOperatorWorld } from './operator-world.ts'

const CHANGES = 60
const STEADY_SECONDS = 300
const TAKEOVERS = 4
const TAKEOVER_MS_MAX = 20_000
/** Until Events and the last status are written. */
const SETTLE_MS = 10_000
const SPEC = {
  kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
  mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
  evolution: { mode: 'sandbox' },
}

type Leader = RunningProcess & Readonly<{ name: 'first' | 'second' }>

const Replicas = z.looseObject({ replicas: z.number() })

/** How soon the operator does what it is told, and that it asks for nothing when nothing is to be done. */
export async function runOperatorBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const machine = prepareMachine(options.env)
  // The API server is neither what is measured nor the load.
  machine.unpin(process.pid)
  console.log(`operator · ${machine.description}`)
  const world = await openOperatorWorld(cleanups)
  let leader: Leader = { name: 'first', ...(await world.startOperator('first')) }
  await world.sender.giveSecret('mongo', { 'connectionString.standard': 'mongodb://mongo' })
  await want(world, 1)
  await until('applied', async () => ((await replicas(world)) === 1 ? true : undefined))
  const isWanted = (part: string) => options.only?.includes(part) !== false
  const broken: string[] = []
  const figures: Record<string, unknown> = {}
  const note = (more: Readonly<Record<string, unknown>>) => {
    console.log(JSON.stringify(more))
    Object.assign(figures, more)
  }
  note({ renderMs: renderMs(), renderMsGoal: 50 })

  if (isWanted('changes')) {
    const changes = options.isQuick ? 10 : CHANGES
    const times = await measureChanges(world, changes)
    const round = (share: number) => Math.round(percentileOf(times, share))
    note({ changes, changeMsP50: round(0.5), changeMsP95: round(0.95), changeMsP95Goal: 1000 })
  }
  if (isWanted('steady')) {
    const seconds = options.seconds ?? (options.isQuick ? 40 : STEADY_SECONDS)
    const { writes, changed, reads } = await measureSteady(world, seconds)
    broken.push(...writes.map(({ verb, resource }) => `steady state: ${verb} ${resource}`), ...changed)
    note({ steadySeconds: seconds, steadyWrites: writes.length, steadyReadsPerMinute: reads })
  }
  if (isWanted('restart')) {
    const { resumeMs, ...after } = await measureRestart(world, leader)
    leader = after.leader
    note({ resumeMs, resumedAnew: after.isNew })
  }
  if (isWanted('instances')) note(await measureInstances(world, { options, cleanups }))
  if (isWanted('takeover')) {
    const rounds = options.rounds ?? (options.isQuick ? 1 : TAKEOVERS)
    const { times, faults } = await measureTakeovers(world, leader, rounds)
    broken.push(...faults)
    note({ takeoverMs: spreadOf(times, 0), takeoverMsGoal: TAKEOVER_MS_MAX })
  }
  return resultOf(broken, figures)
}

function renderMs() {
  const sender = { name: 'wa', namespace: 'bench', spec: parseSenderSpec(PRESETS.prod) }
  const times = Array.from({ length: 50 }, () => {
    const startedAt = performance.now()
    render(sender)
    return performance.now() - startedAt
  })
  return spreadOf(times, 1)
}

async function want({ cluster, sender: { namespace } }: OperatorWorld, count: number): Promise<void> {
  const head = { apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppSender' }
  const spec = { ...SPEC, api: { replicas: count } }
  await cluster.apply({ ...head, metadata: { name: 'wa', namespace }, spec }, { force: true })
}

async function replicas({ sender }: OperatorWorld): Promise<unknown> {
  const deployment = await sender.find('Deployment', 'wa-api')
  return Replicas.safeParse(deployment?.['spec']).data?.replicas
}

/** From the API server's answer to the one change to its news of the other. */
async function measureChanges(world: OperatorWorld, count: number): Promise<readonly number[]> {
  let seen = (_: unknown): void => undefined
  const informer = createInformer({
    cluster: world.cluster,
    selection: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: world.sender.namespace },
    onChange: (_, { metadata, spec }) => {
      if (metadata.name === 'wa-api') seen(Replicas.parse(spec).replicas)
    },
    onError: (error) => console.error(error),
  })
  informer.start()
  await informer.synced
  const times: number[] = []
  for (let i = 0; i < count; i += 1) {
    const wanted = 2 + (i % 2)
    const { promise, resolve } = Promise.withResolvers<number>()
    seen = (now) => {
      if (now === wanted) resolve(performance.now())
    }
    await want(world, wanted)
    const askedAt = performance.now()
    times.push(Math.max(0, (await promise) - askedAt))
    await wait(500)
  }
  await informer.stop()
  return times
}

async function measureSteady(world: OperatorWorld, seconds: number) {
  const { sender } = world
  await want(world, 1)
  const isReady = async () => {
    await sender.playKubelet()
    return (await sender.condition('Ready')).status === 'True' ? true : undefined
  }
  await until('the sender is ready', isReady, { timeoutMs: 180_000, everyMs: 500 })
  await wait(SETTLE_MS)
  const [from, versions] = [new Date(), await sender.versionsOfAll()]
  await wait(seconds * 1000)
  const asked = await world.requests(from)
  const now = new Set(await sender.versionsOfAll())
  const writes = writesOf(asked)
  const reads = asked.filter(({ resource }) => resource !== 'leases').length - writes.length
  const changed = versions
    .filter((version) => !now.has(version))
    .map((version) => `steady state: ${version} has changed`)
  return { writes, changed, reads: Math.round((reads * 60) / seconds) }
}

/**
 * From when the server is ready again to the change that it is told of at once. After an outage beyond the renewal of the
 * Lease the operator has ended, and is started again as a kubelet would.
 */
async function measureRestart(world: OperatorWorld, before: Leader) {
  let again: Promise<Leader> | undefined
  let isOver = false
  void before.exited.then(() => {
    if (!isOver) again = world.startOperator(before.name).then((running) => ({ name: before.name, ...running }))
  })
  await world.plane.restartApiServer()
  const readyAt = performance.now()
  await until('it takes changes', () =>
    want(world, 4).then(
      () => true,
      () => undefined,
    ),
  )
  await until('the change has come', async () => ((await replicas(world).catch(() => 0)) === 4 ? true : undefined))
  const resumeMs = Math.round(performance.now() - readyAt)
  isOver = true
  return { resumeMs, leader: (await again) ?? before, isNew: again !== undefined }
}

async function measureTakeovers(world: OperatorWorld, leader: Leader, rounds: number) {
  const times: number[] = []
  const faults: string[] = []
  let leading = leader
  for (let i = 0; i < rounds; i += 1) {
    const startedAt = new Date()
    const name = leading.name === 'first' ? 'second' : 'first'
    const running = await world.startOperator(name)
    await wait(SETTLE_MS)
    const early = writesOf(await world.requests(startedAt, name))
    faults.push(...early.map(({ verb, resource }) => `${verb} ${resource} by an operator that does not lead`))
    const generation = async () => (await world.sender.read('Deployment', 'wa-api')).metadata.generation ?? 0
    const before = await generation()
    process.kill(leading.pid, 'SIGKILL')
    const killedAt = performance.now()
    const wanted = 5 + (i % 2)
    await want(world, wanted)
    await until('the other does it', async () => ((await replicas(world)) === wanted ? true : undefined))
    times.push(performance.now() - killedAt)
    await wait(SETTLE_MS)
    const written = (await generation()) - before
    if (written !== 1) faults.push(`one change was written ${written} times`)
    leading = { name, ...running }
  }
  faults.push(...times.filter((ms) => ms > TAKEOVER_MS_MAX).map((ms) => `nobody led for ${Math.round(ms)} ms`))
  return { times, faults }
}
