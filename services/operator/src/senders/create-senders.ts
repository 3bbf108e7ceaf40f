import type { WhatsAppSenderStatus } from '@whatsapp-sender/infra'
import { API_VERSION } from '@whatsapp-sender/infra'
import type { OperatorEvents } from '../events.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { EventRecorder } from '../kubernetes/event-recorder.ts'
import { createInformer, type Informer } from '../kubernetes/informer.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { createMeantChanges } from '../kubernetes/meant-changes.ts'
import { createSecretPoll } from '../kubernetes/secret-poll.ts'
import { isPaused } from '../paused.ts'
import { createWorkQueue, type WorkQueue } from '../work-queue.ts'
import { createWrittenStatuses } from '../written-statuses.ts'
import { createChildren } from './children.ts'
import { MONITORING_CONDITION } from './optional-kinds.ts'
import type { Owner } from './ownership.ts'
import { createReconcileSender } from './reconcile-sender.ts'
import { type Finding, isSameStatus, lastStatusOf, nextStatus, statusObject } from './sender-status.ts'

/** What is stalled is looked at again so soon: somebody may have mended it where no watch looks, as in a Secret. */
const STALLED_AGAIN_MS = 15_000

/** So often is looked whether a kind that is missing, and not needed, has come. */
const MISSING_AGAIN_MS = 60_000

/** The controller of WhatsAppSender. `warm` keeps the caches, `lead` begins to write. */
export type Senders = Readonly<{
  warm(): void
  lead(): void
  stop(): Promise<void>
  hasSynced(): boolean
  /** For metrics. */
  informers(): ReadonlyMap<string, Informer>
  queue: Pick<WorkQueue, 'state'>
}>

export function createSenders({
  cluster,
  writer,
  namespace,
  resyncMs,
  workers,
  recorder,
  events,
}: Readonly<{
  cluster: Cluster
  /** The same for the leader only: it writes. */
  writer: Cluster
  namespace: string
  resyncMs: number
  workers: number
  recorder: Pick<EventRecorder, 'record'>
  events: OperatorEvents
}>): Senders {
  const written = createWrittenStatuses<WhatsAppSenderStatus>()
  const changes = createMeantChanges()
  const children = createChildren({
    cluster,
    namespace,
    resyncMs,
    onChange: ({ metadata: { labels = {} } }) =>
      queue.add(`${namespace}/${labels['app.kubernetes.io/instance'] ?? ''}`),
    onError: events.failed,
  })
  const reconcile = createReconcileSender({ cluster: writer, children })
  const secretPoll = createSecretPoll({
    cluster,
    namespace,
    onChange: (key) => queue.add(key),
    onError: events.failed,
  })
  const informer = createInformer({
    cluster,
    selection: { apiVersion: API_VERSION, kind: 'WhatsAppSender', namespace },
    onChange: (key, object) => {
      if (changes.isNew(key, object, { isThere: informer.get(key) !== undefined })) queue.add(key)
    },
    onError: events.failed,
    resyncMs,
  })
  const queue = createWorkQueue({
    process: (key) => events.timed('sender', () => processSender(key)),
    workers,
    onError: (key, error, retry) => events.reconcileFailed('sender', key, { error, ...retry }),
  })

  async function processSender(key: string): Promise<void> {
    const resource = informer.get(key)
    const uid = resource?.metadata.uid
    if (resource === undefined || uid === undefined) {
      changes.forget(key)
      secretPoll.forget(key)
      written.forget(key)
      reconcile.forget(key)
      return
    }
    if (resource.metadata.deletionTimestamp !== undefined) return
    if (isPaused(resource)) {
      secretPoll.forget(key)
      recorder.record(resource, { type: 'Normal', reason: 'Paused', message: 'Not reconciled while it is paused.' })
      return
    }
    queue.addAfter(key, resyncMs)
    const shown = written.of(key, resource)
    const last = lastStatusOf({ ...resource, status: shown })
    const { applied, removed, secrets, ...finding } = await reconcile(resource, ownerOf(resource, uid), last)
    events.applied(applied, removed)
    if (secrets !== undefined) secretPoll.follow(key, secrets)
    lookAgain(key, finding)
    const { state, reason, message } = finding.progress
    if (state === 'stalled') recorder.record(resource, { type: 'Warning', reason, message })
    const judged = { generation: resource.metadata.generation ?? 0, now: new Date() }
    const status = nextStatus(last, finding, judged)
    if (isSameStatus(status, shown)) return
    await writer.applyStatus(statusObject(resource, status))
    written.note(key, resource, status)
    events.progress(key, finding.progress)
  }

  /** Where what is waited for comes without a word to us. */
  function lookAgain(key: string, { progress, verdicts = [] }: Finding): void {
    if (progress.state === 'stalled') queue.addAfter(key, STALLED_AGAIN_MS)
    const isPart = verdicts.some(({ type, status }) => type === MONITORING_CONDITION && status === 'False')
    if (isPart) queue.addAfter(key, MISSING_AGAIN_MS)
  }

  return {
    warm: informer.start,
    lead: () => {
      void informer.synced.then(queue.start)
    },
    stop: async () => {
      await queue.stop()
      await Promise.all([informer.stop(), children.stop(), secretPoll.stop()])
    },
    hasSynced: informer.hasSynced,
    informers: () => new Map([...children.informers(), ['WhatsAppSender', informer]]),
    queue,
  }
}

function ownerOf({ apiVersion, kind, metadata }: KubernetesObject, uid: string): Owner {
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? '', uid }
}
