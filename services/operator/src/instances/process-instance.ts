import { isDeepStrictEqual } from 'node:util'
import { ApiError } from '@whatsapp-sender/client'
import type { WhatsAppInstanceStatus } from '@whatsapp-sender/infra'
import type { Progress } from '../conditions.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { isPaused } from '../paused.ts'
import { createWrittenStatuses } from '../written-statuses.ts'
import type { Holders } from './holders.ts'
import { finalizerObject, type InstanceResource, parseInstance } from './instance-resource.ts'
import { type Finding, nextStatus, statusObject } from './instance-status.ts'
import { conditionOf, type LastStatus, lastStatusOf } from './last-status.ts'
import { letGo } from './let-go.ts'
import { LOOK_AFTER_MS, lookAfter } from './look-after.ts'
import type { Reach } from './reach.ts'
import type { ReconcileInstance } from './reconcile-instance.ts'
import { SenderUnavailableError } from './sender-api.ts'

type Said = Readonly<{ type: 'Normal' | 'Warning'; reason: string; message: string }>

/** A finding, and when to look again; no finding: what was told before is left as it is. */
type Judgement = Readonly<{ finding?: Finding; lookAfterMs: number }>

/** An API that is away for a moment is no news of an instance that is as declared. */
const OUTAGE_UNTOLD_MS = 30_000

/** Brings one resource to where it should be. Answers after how long it is to be looked at again, ms. */
export type ProcessInstance = (key: string, object: KubernetesObject) => Promise<number>

export function createProcessInstance({
  cluster,
  holders,
  reach,
  reconcile,
  onEnd,
  say,
  onProgress,
  now = () => new Date(),
}: Readonly<{
  cluster: Pick<Cluster, 'apply' | 'applyStatus'>
  holders: Pick<Holders, 'holderOf'>
  reach: Pick<Reach, 'apiOf' | 'downMs'>
  reconcile: ReconcileInstance
  /** A resource is let go. */
  onEnd(key: string): void
  /** For Events. */
  say(about: KubernetesObject, said: Said): void
  onProgress(name: string, progress: Progress): void
  now?(): Date
}>): ProcessInstance &
  Readonly<{
    statusOf(key: string, object: KubernetesObject): LastStatus
    /** The resource is gone. */
    forget(key: string): void
  }> {
  const written = createWrittenStatuses<WhatsAppInstanceStatus>()

  async function processOne(key: string, object: KubernetesObject): Promise<number> {
    const resource = parseInstance(key, object)
    const last = statusOf(key, object)
    const { finding, lookAfterMs } =
      'fault' in resource
        ? invalid(resource.fault)
        : await judge(resource, last, (failed) => tell(key, object, { last, finding: failed }))
    if (finding !== undefined) await tell(key, object, { last, finding })
    return lookAfterMs
  }

  async function judge(
    resource: InstanceResource,
    last: LastStatus,
    tellFailed: (finding: Finding) => Promise<void>,
  ): Promise<Judgement> {
    const holder = holders.holderOf(resource.spec.senderName, resource.instanceName)
    const isHolder = holder === resource.key
    if (resource.deletedAt !== undefined) return await finish(resource, isHolder)
    if (isPaused(resource.object)) {
      say(resource.object, { type: 'Normal', reason: 'Paused', message: 'Not reconciled while it is paused.' })
      return { lookAfterMs: LOOK_AFTER_MS.open }
    }
    if (!isHolder) return stalled('NameConflict', `WhatsAppInstance ${holder}, which is older, has this instance.`)
    await keepFinalizer(resource, resource.spec.deletionPolicy !== 'Retain')
    try {
      const finding = await reconcile(resource, last)
      return { finding, lookAfterMs: lookAfter(finding, last, now()) }
    } catch (error) {
      if (error instanceof SenderUnavailableError) return unavailable(resource, last, error)
      if (error instanceof ApiError) await tellFailed({ progress: failing(error) })
      throw error
    }
  }

  function unavailable(resource: InstanceResource, last: LastStatus, error: SenderUnavailableError): Judgement {
    const lookAfterMs = LOOK_AFTER_MS.unavailable
    const wasReady = conditionOf(last, 'Ready')?.status === 'True' && last.observedGeneration === resource.generation
    if (wasReady && (reach.downMs(resource.spec.senderName) ?? Number.POSITIVE_INFINITY) < OUTAGE_UNTOLD_MS) {
      return { lookAfterMs }
    }
    const { reason, message } = error
    return { finding: { progress: { state: 'reconciling', reason, message } }, lookAfterMs }
  }

  async function finish(resource: InstanceResource, isHolder: boolean): Promise<Judgement> {
    if (!resource.hasFinalizer) return { lookAfterMs: LOOK_AFTER_MS.open }
    // What is paused is let go without a word to the API.
    const isObeyed = isHolder && !isPaused(resource.object)
    const gone = isObeyed
      ? await letGo(reach.apiOf(resource.spec.senderName), resource, now())
      : ({ done: true } as const)
    if (!gone.done) {
      const progress: Progress = { state: 'reconciling', reason: 'Deleting', message: gone.waiting }
      return { finding: { progress, isDeleting: true }, lookAfterMs: LOOK_AFTER_MS.waiting }
    }
    if ('leftBehind' in gone) {
      say(resource.object, { type: 'Warning', reason: 'LeftBehind', message: gone.leftBehind })
    }
    onEnd(resource.key)
    await keepFinalizer(resource, false)
    return { lookAfterMs: LOOK_AFTER_MS.open }
  }

  async function keepFinalizer(resource: InstanceResource, isWanted: boolean): Promise<void> {
    if (resource.hasFinalizer === isWanted) return
    await cluster.apply(finalizerObject(resource, isWanted), { force: true })
  }

  async function tell(
    key: string,
    object: KubernetesObject,
    { last, finding }: Readonly<{ last: LastStatus; finding: Finding }>,
  ): Promise<void> {
    const { generation = 0 } = object.metadata
    const { progress } = finding
    if (progress.state === 'stalled') {
      say(object, { type: 'Warning', reason: progress.reason, message: progress.message })
    }
    const status = nextStatus(last, finding, { generation, now: now() })
    if (isDeepStrictEqual(status, written.of(key, object))) return
    await cluster.applyStatus(statusObject(object, status))
    written.note(key, object, status)
    onProgress(object.metadata.name, progress)
    for (const news of newsOf(last, lastStatusOf(status))) say(object, news)
  }

  function statusOf(key: string, object: KubernetesObject): LastStatus {
    return lastStatusOf(written.of(key, object))
  }

  return Object.assign(processOne, { statusOf, forget: written.forget })
}

function invalid(fault: string): Judgement {
  return stalled('InvalidSpec', fault)
}

function stalled(reason: string, message: string): Judgement {
  return { finding: { progress: { state: 'stalled', reason, message } }, lookAfterMs: LOOK_AFTER_MS.stalled }
}

function failing({ status, code, problem }: ApiError): Progress {
  const why = problem === undefined ? '' : `: ${problem.detail}`
  return { state: 'reconciling', reason: 'ApiFailing', message: `The API answers ${status} ${code}${why}` }
}

const NEWS: Readonly<Record<string, Said['type']>> = {
  Open: 'Normal',
  WaitingForScan: 'Normal',
  Connecting: 'Warning',
  PairingTimedOut: 'Warning',
  OtherNumber: 'Warning',
}

/** What Events are made of: that the phone came or went, or is waited for, or is another one. */
function newsOf(before: LastStatus, after: LastStatus): readonly Said[] {
  return ['Connected', 'NumberAsDeclared'].flatMap((condition) => {
    const [was, is] = [conditionOf(before, condition), conditionOf(after, condition)]
    const type = is === undefined || is.reason === was?.reason ? undefined : NEWS[is.reason]
    if (is === undefined || type === undefined) return []
    return [{ type, reason: is.reason === 'Open' ? 'Connected' : is.reason, message: is.message }]
  })
}
