import { createHash } from 'node:crypto'
import { z } from 'zod'
import { timestampOf } from '../timestamp-of.ts'
import type { Cluster } from './cluster.ts'
import type { KubernetesObject } from './kubernetes-object.ts'

/**
 * What `kubectl describe` shows of an object. The same thing said again is the same Event with a higher count, written
 * once a minute at most, and no object gets more than a burst of 25 and then one each 30 s: a reconcile that fails in a
 * loop must not fill the cluster's store. Recording never fails and is never waited for: an Event is news, not truth.
 */
export type EventRecorder = Readonly<{
  record(
    about: KubernetesObject,
    event: Readonly<{ type: 'Normal' | 'Warning'; reason: string; message: string }>,
  ): void
  /** Resolves when what was recorded has been written or given up. */
  stop(): Promise<void>
}>

/** As an Event's own limit. */
const MESSAGE_LENGTH_MAX = 1024
const WRITTEN_AGAIN_AFTER_MS = 60_000
const BURST = 25
const ONE_MORE_EACH_MS = 30_000
/** The cluster forgets an Event after an hour, so do we. */
const FORGOTTEN_AFTER_MS = 3_600_000
const WAITING_MAX = 200

const Counted = z.looseObject({ count: z.number().optional(), firstTimestamp: z.string().optional() })

type Said = { count: number; firstAt: string; writtenAt: number; saidAt: number }
type Bucket = { left: number; filledAt: number }

export function createEventRecorder({
  cluster,
  onError,
  now = () => performance.now(),
  wallClock = () => new Date(),
}: Readonly<{
  cluster: Pick<Cluster, 'apply' | 'read'>
  onError(error: unknown): void
  /** Monotonic, ms. */
  now?(): number
  wallClock?(): Date
}>): EventRecorder {
  const said = new Map<string, Said>()
  const buckets = new Map<string, Bucket>()
  let last: Promise<void> = Promise.resolve()
  let waiting = 0

  function takeFrom(bucketName: string): boolean {
    const bucket = buckets.get(bucketName) ?? { left: BURST, filledAt: now() }
    const gained = Math.floor((now() - bucket.filledAt) / ONE_MORE_EACH_MS)
    const left = Math.min(BURST, bucket.left + gained)
    const filledAt = bucket.filledAt + gained * ONE_MORE_EACH_MS
    buckets.set(bucketName, { left: Math.max(0, left - 1), filledAt })
    return left > 0
  }

  function forgetOld(): void {
    for (const [name, { saidAt }] of said) if (now() - saidAt > FORGOTTEN_AFTER_MS) said.delete(name)
    for (const [name, { filledAt }] of buckets) if (now() - filledAt > FORGOTTEN_AFTER_MS) buckets.delete(name)
  }

  async function write(event: KubernetesObject, entry: Said, isFirst: boolean): Promise<void> {
    const { apiVersion, kind, metadata } = event
    if (isFirst) {
      // Of the process before us, perhaps: its count goes on.
      const old = Counted.safeParse(await cluster.read({ apiVersion, kind, ...metadata })).data
      entry.count += old?.count ?? 0
      entry.firstAt = old?.firstTimestamp ?? entry.firstAt
    }
    const counted = { count: entry.count, firstTimestamp: entry.firstAt, lastTimestamp: timestampOf(wallClock()) }
    await cluster.apply({ ...event, ...counted }, { force: true })
  }

  function record(about: KubernetesObject, event: Parameters<EventRecorder['record']>[1]): void {
    const namespace = about.metadata.namespace
    if (namespace === undefined || waiting >= WAITING_MAX) return
    const object = eventAbout(about, namespace, event)
    const name = `${namespace}/${object.metadata.name}`
    const known = said.get(name)
    const entry = known ?? {
      count: 0,
      firstAt: timestampOf(wallClock()),
      writtenAt: Number.NEGATIVE_INFINITY,
      saidAt: 0,
    }
    entry.count += 1
    entry.saidAt = now()
    said.set(name, entry)
    if (now() - entry.writtenAt < WRITTEN_AGAIN_AFTER_MS || !takeFrom(about.metadata.uid ?? name)) return
    entry.writtenAt = now()
    waiting += 1
    last = last
      .then(() => write(object, entry, known === undefined))
      .catch(onError)
      .finally(() => {
        waiting -= 1
      })
    forgetOld()
  }

  return {
    record: (about, event) => {
      try {
        record(about, event)
      } catch (error) {
        onError(error)
      }
    },
    stop: () => last,
  }
}

/** Its name follows from what it says, so that saying it again finds it. */
function eventAbout(
  { apiVersion, kind, metadata: { name, uid, resourceVersion } }: KubernetesObject,
  namespace: string,
  { type, reason, message }: Parameters<EventRecorder['record']>[1],
): KubernetesObject {
  const text = message.length > MESSAGE_LENGTH_MAX ? `${message.slice(0, MESSAGE_LENGTH_MAX - 1)}…` : message
  const hash = createHash('sha256')
    .update(JSON.stringify([uid, type, reason, text]))
    .digest('hex')
    .slice(0, 16)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 200)}.${hash}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
    type,
    reason,
    message: text,
    source: { component: 'whatsapp-operator' },
  }
}
