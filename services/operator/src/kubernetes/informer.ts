import { fullJitterMs } from '@whatsapp-sender/service-runtime'
import type { Cluster, Selection } from './cluster.ts'
import { isExpired, KubernetesError } from './kubernetes-error.ts'
import { type KubernetesObject, keyOf } from './kubernetes-object.ts'

/**
 * What the cluster holds of one kind, kept in memory by a list and a watch that never give up.
 *
 * | what happens                                   | what follows                                                      |
 * | ---------------------------------------------- | ----------------------------------------------------------------- |
 * | start; 410: the version is too old; time to resync | list, compare with the cache, watch from the version of the list |
 * | the server ends the watch, as asked, in a minute or so | watch on from the last version                            |
 * | it does not end it in time: nobody is there    | the connection is dropped; pause; watch on from the last version   |
 * | any failure                                    | pause, 1 s to 30 s with jitter; the step that failed again         |
 *
 * client-node's informer is not used: it stops for good at the first error that is no 410, a handler that throws ends
 * the process, its watch takes a new TLS connection each time and looks alive when the server is not, and its cache
 * mixes class instances with JSON. What would have to be written around it is longer than this.
 */
export type Informer = Readonly<{
  start(): void
  stop(): Promise<void>
  /** Resolves with the first list. */
  synced: Promise<void>
  hasSynced(): boolean
  /** As the server last told it, without `managedFields`. Not to be changed. */
  get(key: string): KubernetesObject | undefined
  keys(): readonly string[]
  /**
   * For metrics. `silentMs`: since the server last said anything; far above two minutes nobody is there. `isFailing`:
   * something failed, and the server has said nothing since. `lists` and `failures` are totals.
   */
  state(): Readonly<{ objects: number; isFailing: boolean; silentMs: number; lists: number; failures: number }>
}>

/** A server that has not ended a watch so long after it should have is not there. */
const OVERDUE_MS = 15_000
/** A watch that ends sooner has told nothing of the server's health. */
const SOON_MS = 1000
const PAUSE = { baseMs: 1000, capMs: 30_000 }

export function createInformer({
  cluster,
  selection,
  onChange,
  onError,
  resyncMs = 600_000,
  watchSeconds = 60,
  now = () => performance.now(),
  sleep = pause,
  random = Math.random,
}: Readonly<{
  cluster: Pick<Cluster, 'listWithVersion' | 'watch'>
  selection: Selection
  /** The object as it is now, or as it last was. Must do no more than add a key to a queue. */
  onChange(key: string, object: KubernetesObject): void
  onError(error: unknown): void
  /** How often at least the whole cache is compared with a list of its own. */
  resyncMs?: number
  /** How long one watch is asked for; half as much again is drawn on top, so that many do not end together. */
  watchSeconds?: number
  /** Monotonic, ms. */
  now?(): number
  sleep?(ms: number, signal: AbortSignal): Promise<void>
  random?(): number
}>): Informer {
  const objects = new Map<string, KubernetesObject>()
  const stopping = new AbortController()
  const firstList = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  let version: string | undefined
  let isSynced = false
  let listedAt = Number.NEGATIVE_INFINITY
  let heardAt = now()
  let failuresInRow = 0
  const counts = { lists: 0, failures: 0 }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (version === undefined || now() - listedAt >= resyncMs) version = await relist()
        await watchFrom(version)
      } catch (error) {
        if (isExpired(error)) version = undefined
        await recover(error)
      }
    }
  }

  async function relist(): Promise<string> {
    const { items, resourceVersion } = await cluster.listWithVersion(selection)
    heardAt = now()
    listedAt = heardAt
    counts.lists += 1
    const listed = new Map(items.map((item) => [keyOf(item.metadata), item]))
    for (const [key, object] of listed) {
      if (objects.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) put(key, object)
    }
    for (const [key, object] of objects) if (!listed.has(key)) drop(key, object)
    isSynced = true
    firstList.resolve()
    return resourceVersion
  }

  async function watchFrom(resourceVersion: string): Promise<void> {
    const timeoutSeconds = Math.ceil(watchSeconds * (1 + random() / 2))
    const ending = new AbortController()
    const overdue = setTimeout(() => ending.abort(overdueError(selection)), timeoutSeconds * 1000 + OVERDUE_MS)
    const signal = AbortSignal.any([stopping.signal, ending.signal])
    const begunAt = now()
    try {
      for await (const event of cluster.watch(selection, { resourceVersion, timeoutSeconds, signal })) {
        heardAt = now()
        failuresInRow = 0
        if (event.type === 'BOOKMARK') version = event.resourceVersion
        else take(event.type, event.object)
      }
    } finally {
      clearTimeout(overdue)
    }
    heardAt = now()
    if (now() - begunAt >= SOON_MS) failuresInRow = 0
    else await recover(undefined)
  }

  /** `error` is undefined when nothing failed but a pause is due all the same. */
  async function recover(error: unknown): Promise<void> {
    if (stopping.signal.aborted) return
    failuresInRow += 1
    if (error !== undefined) {
      counts.failures += 1
      onError(error)
    }
    await sleep(fullJitterMs({ attempt: failuresInRow, ...PAUSE, random }), stopping.signal)
  }

  function take(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): void {
    const key = keyOf(object.metadata)
    version = object.metadata.resourceVersion ?? version
    if (type === 'DELETED') drop(key, object)
    else put(key, object)
  }

  function put(key: string, object: KubernetesObject): void {
    // Half of an object's bytes, and nobody reads them here.
    const { managedFields: _, ...metadata } = object.metadata
    const kept = { ...object, metadata }
    objects.set(key, kept)
    tell(key, kept)
  }

  function drop(key: string, object: KubernetesObject): void {
    objects.delete(key)
    tell(key, object)
  }

  function tell(key: string, object: KubernetesObject): void {
    try {
      onChange(key, object)
    } catch (error) {
      onError(error)
    }
  }

  return {
    start: () => {
      running ??= run()
    },
    stop: async () => {
      stopping.abort()
      await running
    },
    synced: firstList.promise,
    hasSynced: () => isSynced,
    get: (key) => objects.get(key),
    keys: () => [...objects.keys()],
    state: () => ({ objects: objects.size, isFailing: failuresInRow > 0, silentMs: now() - heardAt, ...counts }),
  }
}

function overdueError({ apiVersion, kind }: Selection): KubernetesError {
  return new KubernetesError({
    status: 0,
    reason: 'Timeout',
    message: `The watch of ${kind} in ${apiVersion} has not ended in time: the server is not there`,
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  return promise.finally(() => clearTimeout(timer))
}
