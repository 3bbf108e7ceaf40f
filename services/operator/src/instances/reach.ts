import type { Loop } from '@whatsapp-sender/service-runtime'
import type { Cluster } from '../kubernetes/cluster.ts'
import { createInformer } from '../kubernetes/informer.ts'
import { createFindApi, SENDER_KIND, standOf, whyUnreachable } from './find-api.ts'
import { createFollowSender } from './follow-sender.ts'
import type { Holders } from './holders.ts'
import { createInstanceApi, type InstanceApi } from './instance-api.ts'
import { type ApiCall, createSenderApi, type SenderApi } from './sender-api.ts'

/** The APIs of the senders of the namespace, each looked at all the time by the process that leads. */
export type Reach = Readonly<{
  /** Of a sender that is not there each call fails. */
  apiOf(senderName: string): InstanceApi
  /** How long its API has not answered, ms; undefined: it does, or nobody has asked. */
  downMs(senderName: string): number | undefined
  warm(): void
  synced: Promise<void>
  hasSynced(): boolean
  lead(): void
  /** Its instances are looked through now: one may be nobody's any more. */
  lookSoon(senderName: string): void
  stop(): Promise<void>
}>

/** Where the API of a sender is. */
export type ApiUrlOf = (sender: Readonly<{ name: string; namespace: string }>) => string

const LOOK_EVERY_MS = 10_000
/** Bounds of the pause while there is no answer: as long again as there has been none. */
const DOWN_PAUSE_MS = { min: 1000, max: 30_000 }

type Known = Readonly<{ api: SenderApi; instances: InstanceApi; follower: Loop }>

export function createReach({
  cluster,
  namespace,
  resyncMs,
  apiUrlOf,
  holders,
  onSender,
  onInstance,
  onReleased,
  onCalled,
  onError,
  now = () => performance.now(),
}: Readonly<{
  cluster: Cluster
  namespace: string
  resyncMs: number
  apiUrlOf: ApiUrlOf
  holders: Pick<Holders, 'holderOf' | 'keysOf'>
  /** Something of the sender has changed that its instances may have waited for. */
  onSender(senderName: string): void
  /** The API tells something else of an instance. */
  onInstance(senderName: string, instanceName: string): void
  /** An instance that no resource names any more was given back to its owner. */
  onReleased(senderName: string, instanceName: string): void
  onCalled(call: ApiCall, result: 'done' | 'refused' | 'failed'): void
  onError(error: unknown): void
  /** Monotonic, ms. */
  now?(): number
}>): Reach {
  const known = new Map<string, Known>()
  const stands = new Map<string, string>()
  let isLeading = false

  const informer = createInformer({
    cluster,
    selection: { ...SENDER_KIND, namespace },
    onChange: (key, sender) => {
      const { name } = sender.metadata
      const isThere = informer.get(key) !== undefined
      const stand = isThere ? standOf(sender) : ''
      if (stands.get(name) === stand) return
      if (isThere) stands.set(name, stand)
      else stands.delete(name)
      if (!isThere) forget(name)
      else if (isLeading) follow(name)
      onSender(name)
    },
    onError,
    resyncMs,
  })
  const senderOf = (name: string) => informer.get(`${namespace}/${name}`)

  function create(senderName: string): Known {
    const api = createSenderApi({
      find: createFindApi({ cluster, namespace, senderName, senderOf, apiUrlOf }),
      unreachable: () => whyUnreachable(senderName, senderOf(senderName)),
      onCalled,
      onAnswering: () => onSender(senderName),
      now,
    })
    const instances = createInstanceApi(api)
    const follower = createFollowSender({
      api,
      pauseMs: () => pauseOf(senderName, api),
      onMoved: (instanceName) => onInstance(senderName, instanceName),
      onKept: (names) => releaseOrphans(senderName, instances, names),
      onError,
    })
    return { api, instances, follower }
  }

  function pauseOf(senderName: string, { downSince }: SenderApi): number {
    const since = downSince()
    if (since !== undefined) return Math.min(DOWN_PAUSE_MS.max, Math.max(DOWN_PAUSE_MS.min, now() - since))
    return holders.keysOf(senderName).length > 0 ? LOOK_EVERY_MS : resyncMs
  }

  /** What no resource names is kept by nobody: whose it is could change nothing of it. */
  async function releaseOrphans(senderName: string, api: InstanceApi, names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (holders.holderOf(senderName, name) !== undefined) continue
      await api.release(name)
      onReleased(senderName, name)
    }
  }

  function follow(senderName: string): void {
    const there = known.get(senderName)
    if (there !== undefined) {
      there.follower.poke()
      return
    }
    const made = create(senderName)
    known.set(senderName, made)
    made.follower.start()
  }

  function forget(senderName: string): void {
    void known.get(senderName)?.follower.stop()
    known.delete(senderName)
  }

  return {
    apiOf: (senderName) => (known.get(senderName) ?? create(senderName)).instances,
    downMs: (senderName) => {
      const since = known.get(senderName)?.api.downSince()
      return since === undefined ? undefined : now() - since
    },
    warm: informer.start,
    synced: informer.synced,
    hasSynced: informer.hasSynced,
    lead: () => {
      isLeading = true
      for (const name of stands.keys()) follow(name)
    },
    lookSoon: (senderName) => known.get(senderName)?.follower.poke(),
    stop: async () => {
      isLeading = false
      await Promise.all([informer.stop(), ...[...known.values()].map(({ follower }) => follower.stop())])
    },
  }
}
