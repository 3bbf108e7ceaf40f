import { API_VERSION } from '@whatsapp-sender/infra'
import type { OperatorEvents } from '../events.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { EventRecorder } from '../kubernetes/event-recorder.ts'
import { createInformer, type Informer } from '../kubernetes/informer.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { createMeantChanges } from '../kubernetes/meant-changes.ts'
import { createSecretPoll } from '../kubernetes/secret-poll.ts'
import { createWorkQueue, type WorkQueue } from '../work-queue.ts'
import { createHolders, wishOf } from './holders.ts'
import { createPairings } from './pairings.ts'
import { createProcessInstance } from './process-instance.ts'
import { type ApiUrlOf, createReach } from './reach.ts'
import { createReconcileInstance } from './reconcile-instance.ts'

/** The controller of WhatsAppInstance. `warm` keeps the caches, `lead` begins to write. */
export type Instances = Readonly<{
  warm(): void
  lead(): void
  stop(): Promise<void>
  hasSynced(): boolean
  /** For metrics. */
  informers(): ReadonlyMap<string, Informer>
  queue: Pick<WorkQueue, 'state'>
  pairingQueue: Pick<WorkQueue, 'state'>
  /** For metrics: how many resources there are, by the state of their phone as far as it is known. */
  phones(): ReadonlyMap<string, number>
}>

const DONE: Readonly<Record<'create' | 'take-over' | 'give' | 'change', [reason: string, message: string]>> = {
  create: ['Created', 'The instance has been made or adopted.'],
  'take-over': ['TakenOver', 'The instance is kept by Kubernetes from now on.'],
  give: ['OwnerChanged', 'The instance has been given to its owner.'],
  change: ['Changed', 'Settings of the instance have been brought in step.'],
}

export function createInstances({
  cluster,
  writer,
  namespace,
  resyncMs,
  workers,
  apiUrlOf,
  recorder,
  events,
  random = Math.random,
}: Readonly<{
  cluster: Cluster
  /** The same for the leader only: it writes. */
  writer: Cluster
  namespace: string
  resyncMs: number
  workers: number
  apiUrlOf: ApiUrlOf
  recorder: Pick<EventRecorder, 'record'>
  events: OperatorEvents
  random?(): number
}>): Instances {
  const changes = createMeantChanges()
  const holders = createHolders()
  const keyOf = (name: string) => `${namespace}/${name}`

  const reach = createReach({
    cluster,
    namespace,
    resyncMs,
    apiUrlOf,
    holders,
    onSender: (senderName) => {
      for (const key of holders.keysOf(senderName)) queue.add(key)
    },
    onInstance: (senderName, instanceName) => {
      const key = holders.holderOf(senderName, instanceName)
      if (key !== undefined) queue.add(key)
    },
    onReleased: events.instanceReleased,
    onCalled: events.apiCalled,
    onError: events.failed,
  })
  const pairings = createPairings({
    cluster: writer,
    timed: (run) => events.timed('pairing', run),
    onMoved: (key) => queue.add(key),
    onTaken: ({ object }, secretName) => {
      const message = `The Secret ${secretName} belongs to somebody else: no code can be shown.`
      recorder.record(object, { type: 'Warning', reason: 'SecretTaken', message })
    },
    onError: (key, error, retry) => events.reconcileFailed('pairing', key, { error, ...retry }),
  })
  const secretPoll = createSecretPoll({
    cluster,
    namespace,
    onChange: (key) => queue.add(key),
    onError: events.failed,
  })
  const processInstance = createProcessInstance({
    cluster: writer,
    holders,
    reach,
    reconcile: createReconcileInstance({
      cluster: writer,
      apiOf: reach.apiOf,
      pairings,
      onKeyRead: secretPoll.follow,
      onStep: ({ object }, step) => {
        const [reason, message] = DONE[step]
        recorder.record(object, { type: 'Normal', reason, message })
      },
    }),
    onEnd: pairings.forget,
    say: recorder.record,
    onProgress: (name, progress) => events.progress(keyOf(name), progress),
  })
  const informer = createInformer({
    cluster,
    selection: { apiVersion: API_VERSION, kind: 'WhatsAppInstance', namespace },
    onChange: (key, object) => {
      const isThere = informer.get(key) !== undefined
      if (!changes.isNew(key, object, { isThere })) return
      for (const affected of holders.note(key, isThere ? object : undefined)) queue.add(affected)
      if (!isThere) forget(key, object)
    },
    onError: events.failed,
    resyncMs,
  })
  const queue = createWorkQueue({
    process: (key) => events.timed('instance', () => processKey(key)),
    workers,
    onError: (key, error, retry) => events.reconcileFailed('instance', key, { error, ...retry }),
  })

  async function processKey(key: string): Promise<void> {
    // Whoever reads a Secret says so.
    secretPoll.forget(key)
    const object = informer.get(key)
    if (object === undefined) {
      processInstance.forget(key)
      return
    }
    const lookAfterMs = await processInstance(key, object)
    queue.addAfter(key, Math.min(lookAfterMs, resyncMs) * (0.8 + random() * 0.4))
  }

  /** What it leaves at the API is nobody's any more, unless another resource has its name. */
  function forget(key: string, object: KubernetesObject): void {
    changes.forget(key)
    pairings.forget(key)
    reach.lookSoon(wishOf(object)?.senderName ?? '')
  }

  return {
    warm: () => {
      informer.start()
      reach.warm()
    },
    lead: () => {
      void Promise.all([informer.synced, reach.synced]).then(() => {
        queue.start()
        pairings.start()
        reach.lead()
      })
    },
    stop: async () => {
      await Promise.all([queue.stop(), pairings.stop()])
      await Promise.all([informer.stop(), reach.stop(), secretPoll.stop()])
    },
    hasSynced: () => informer.hasSynced() && reach.hasSynced(),
    informers: () => new Map([['WhatsAppInstance', informer]]),
    queue,
    pairingQueue: pairings.queue,
    phones: () => {
      const counts = new Map([...PHONES].map((state) => [state, 0]))
      for (const key of informer.keys()) {
        const object = informer.get(key)
        const state = (object && processInstance.statusOf(key, object).connectionState) ?? 'unknown'
        counts.set(state, (counts.get(state) ?? 0) + 1)
      }
      return counts
    },
  }
}

const PHONES: ReadonlySet<string> = new Set(['open', 'connecting', 'close', 'unknown'])
