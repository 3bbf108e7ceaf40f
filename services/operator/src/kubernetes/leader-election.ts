import { z } from 'zod'
import type { Cluster } from './cluster.ts'
import { isConflict } from './kubernetes-error.ts'
import type { KubernetesObject } from './kubernetes-object.ts'

/**
 * One leader at a time, by a Lease that its holder renews.
 *
 * | state     | every `retryMs`                                                | leaves it                                   |
 * | --------- | -------------------------------------------------------------- | ------------------------------------------- |
 * | candidate | reads the Lease; free, or unchanged for its whole duration: takes it | taken → leader                          |
 * | leader    | renews the Lease                                               | not renewed for `renewDeadlineMs`, or seen with another holder → lost; stop → released |
 * | lost, released | nothing                                                   | for ever: a new process is a new candidate  |
 *
 * A Lease has expired when *we* have seen it unchanged for its duration, by our own monotonic clock: the times in it are
 * of another clock. A leader counts its own time from before the renewal was sent, so it gives up (`renewDeadlineMs`)
 * well before any other may take over (`durationMs`), also when it hangs. 409 means that somebody else was faster.
 */
export type LeaderElection = Readonly<{
  start(): void
  /** Gives the Lease back, so that another need not wait for it to expire. */
  stop(): Promise<void>
  /** True only while nobody else can be. Ask before each write. */
  isLeader(): boolean
  /** Resolves when we become leader, if ever. */
  elected: Promise<void>
}>

/** What of a Lease is judged; what else its spec has is written back as it was. */
const LeaseSpec = z.looseObject({
  holderIdentity: z.string().nullish(),
  leaseDurationSeconds: z.number().nullish(),
  leaseTransitions: z.number().nullish(),
})

type Observed = Readonly<{ lease: KubernetesObject; spec: z.infer<typeof LeaseSpec>; changedAt: number }>

export function createLeaderElection({
  cluster,
  lease: { name, namespace },
  identity,
  onLost,
  onError,
  durationMs = 15_000,
  renewDeadlineMs = 10_000,
  retryMs = 2000,
  now = () => performance.now(),
  wallClock = () => new Date(),
}: Readonly<{
  cluster: Pick<Cluster, 'read' | 'create' | 'replace'>
  lease: Readonly<{ name: string; namespace: string }>
  /** Of this process alone. */
  identity: string
  /** Called once, when a leader is none any more without having stopped. Nothing helps then but a new process. */
  onLost(): void
  onError(error: unknown): void
  durationMs?: number
  renewDeadlineMs?: number
  retryMs?: number
  /** Monotonic, ms. */
  now?(): number
  /** For the times in the Lease, which only people read. */
  wallClock?(): Date
}>): LeaderElection {
  let state: 'candidate' | 'leader' | 'over' = 'candidate'
  let leadsUntil = Number.NEGATIVE_INFINITY
  let observed: Observed | undefined
  let timer: NodeJS.Timeout | undefined
  let deadline: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  const elected = Promise.withResolvers<void>()

  function step(): void {
    running = tryOnce()
      .catch(onError)
      .then(() => {
        if (state !== 'over') timer = setTimeout(step, retryMs)
      })
  }

  async function tryOnce(): Promise<void> {
    const startedAt = now()
    const lease = await cluster.read({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, namespace })
    if (state === 'over') return
    if (lease !== undefined) observe(lease)
    if (lease !== undefined && observed !== undefined && isAnothers(observed)) {
      if (state === 'leader') lose()
      return
    }
    const written = await write(lease)
    if (written === undefined) return
    observe(written)
    lead(startedAt)
  }

  function observe(lease: KubernetesObject): void {
    if (observed?.lease.metadata.resourceVersion === lease.metadata.resourceVersion) return
    observed = { lease, spec: LeaseSpec.parse(lease['spec'] ?? {}), changedAt: now() }
  }

  function isAnothers({ spec, changedAt }: Observed): boolean {
    if (!spec.holderIdentity || spec.holderIdentity === identity) return false
    const theirsMs = spec.leaseDurationSeconds ? spec.leaseDurationSeconds * 1000 : durationMs
    return now() < changedAt + theirsMs
  }

  /** Undefined when somebody else was faster. */
  async function write(lease: KubernetesObject | undefined): Promise<KubernetesObject | undefined> {
    const old = observed?.spec
    const isOurs = lease !== undefined && old?.holderIdentity === identity
    const time = microTime(wallClock())
    const spec = {
      ...(lease === undefined ? {} : old),
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
      renewTime: time,
      ...(!isOurs && {
        acquireTime: time,
        leaseTransitions: lease === undefined ? 0 : (old?.leaseTransitions ?? 0) + 1,
      }),
    }
    try {
      if (lease !== undefined) return await cluster.replace({ ...lease, spec })
      const metadata = { name, namespace }
      return await cluster.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec })
    } catch (error) {
      if (isConflict(error)) return undefined
      throw error
    }
  }

  function lead(renewalStartedAt: number): void {
    if (state === 'over') return
    // An answer that took longer than the deadline renews nothing.
    if (now() >= renewalStartedAt + renewDeadlineMs) return
    leadsUntil = renewalStartedAt + renewDeadlineMs
    clearTimeout(deadline)
    deadline = setTimeout(lose, leadsUntil - now())
    if (state === 'leader') return
    state = 'leader'
    elected.resolve()
  }

  function lose(): void {
    end()
    onLost()
  }

  function end(): void {
    state = 'over'
    leadsUntil = Number.NEGATIVE_INFINITY
    clearTimeout(timer)
    clearTimeout(deadline)
  }

  async function stop(): Promise<void> {
    const mayHold = state !== 'over'
    end()
    await running
    if (mayHold && observed?.spec.holderIdentity === identity) await release(observed.lease).catch(onError)
  }

  async function release(lease: KubernetesObject): Promise<void> {
    const spec = { ...LeaseSpec.parse(lease['spec']), holderIdentity: '', leaseDurationSeconds: 1 }
    await cluster.replace({ ...lease, spec: { ...spec, renewTime: microTime(wallClock()) } })
  }

  return {
    start: () => {
      if (state === 'candidate' && running === undefined) step()
    },
    stop,
    isLeader: () => state === 'leader' && now() < leadsUntil,
    elected: elected.promise,
  }
}

/** The API server wants exactly six digits after the point. */
function microTime(date: Date): string {
  return date.toISOString().replace(/Z$/, '000Z')
}
