import type { WhatsAppSender } from '@whatsapp-sender/infra'
import { z } from 'zod'
import type { Progress, Verdict } from '../conditions.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'

const Status = z.looseObject({
  observedGeneration: z.number().optional(),
  replicas: z.number().optional(),
  updatedReplicas: z.number().optional(),
  availableReplicas: z.number().optional(),
  phase: z.string().optional(),
  message: z.string().optional(),
  conditions: z
    .array(
      z.looseObject({
        type: z.string(),
        status: z.string(),
        reason: z.string().optional(),
        message: z.string().optional(),
      }),
    )
    .optional(),
})
const Replicas = z.looseObject({ replicas: z.number().optional() })

type Finding = Readonly<{ state: 'ready' | 'waiting' | 'failed'; reason: string; message: string }>

/**
 * What the children tell of: one condition each for Kafka, MongoDB, the API, the consumers and a gateway of our own, and
 * the progress that follows from all of them.
 */
export function judgeChildren(
  { name, spec }: WhatsAppSender,
  children: readonly KubernetesObject[],
): Readonly<{ verdicts: readonly Verdict[]; progress: Progress }> {
  const named = (kind: string, child: string) =>
    children.find((object) => object.kind === kind && object.metadata.name === child)
  const kinds = (...wanted: string[]) => children.filter(({ kind }) => wanted.includes(kind))
  const findings: [string, Finding][] = [
    [
      'KafkaReady',
      spec.kafka.mode === 'external' ? jobs(kinds('Job')) : kafka(kinds('Kafka', 'KafkaTopic', 'KafkaUser')),
    ],
    ['MongoReady', spec.mongodb.mode === 'external' ? EXTERNAL : mongodb(named('MongoDBCommunity', `${name}-mongodb`))],
    [
      'EvolutionReady',
      spec.evolution.mode === 'external'
        ? EXTERNAL
        : deployment(named('Deployment', `${name}-${GATEWAYS[spec.evolution.mode]}`), 'Evolution API'),
    ],
    ['ApiReady', deployment(named('Deployment', `${name}-api`), 'the API')],
    ['ConsumerReady', deployment(named('Deployment', `${name}-consumer`), 'the consumers')],
  ]
  return {
    verdicts: findings.map(([type, { state, reason, message }]) => ({
      type,
      status: state === 'ready' ? 'True' : 'False',
      reason,
      message,
    })),
    progress: progressOf(findings.map(([, finding]) => finding)),
  }
}

/** Pods that are meant to be, and those that work. */
export function countPods(
  object: KubernetesObject | undefined,
): Readonly<{ replicas: number; ready: number }> | undefined {
  if (object === undefined) return undefined
  const status = statusOf(object)
  return { replicas: status.replicas ?? 0, ready: status.availableReplicas ?? 0 }
}

const GATEWAYS = { managed: 'evolution', sandbox: 'sandbox' } as const

const EXTERNAL: Finding = { state: 'ready', reason: 'External', message: 'What is there is used.' }
const NOT_THERE: Finding = { state: 'waiting', reason: 'NotCreated', message: 'It is about to be made.' }

function progressOf(findings: readonly Finding[]): Progress {
  const failed = findings.find(({ state }) => state === 'failed')
  if (failed !== undefined) return { state: 'stalled', reason: failed.reason, message: failed.message }
  const waiting = findings.find(({ state }) => state === 'waiting')
  if (waiting !== undefined) return { state: 'reconciling', reason: waiting.reason, message: waiting.message }
  return { state: 'ready', reason: 'Ready', message: 'Everything that was asked for runs.' }
}

function deployment(object: KubernetesObject | undefined, what: string): Finding {
  if (object === undefined) return NOT_THERE
  const status = statusOf(object)
  const wanted = Replicas.safeParse(object['spec']).data?.replicas ?? 1
  const stuck = status.conditions?.find(({ type, status: is }) => type === 'Progressing' && is === 'False')
  if (stuck !== undefined) {
    return { state: 'failed', reason: stuck.reason ?? 'Stuck', message: `${what}: ${stuck.message ?? 'no progress'}` }
  }
  return rollout(what, { wanted, isCurrent: isCurrent(object, status), ...podCounts(status) })
}

function rollout(
  what: string,
  {
    wanted,
    isCurrent,
    replicas,
    updated,
    available,
  }: ReturnType<typeof podCounts> & { wanted: number; isCurrent: boolean },
): Finding {
  if (isCurrent && Math.min(updated, available) >= wanted && replicas <= wanted) {
    return { state: 'ready', reason: 'Available', message: `${available} of ${wanted} pods work.` }
  }
  const message = `${what}: ${available} of ${wanted} pods work, ${updated} are of this version.`
  return { state: 'waiting', reason: 'RollingOut', message }
}

function podCounts({ replicas = 0, updatedReplicas = 0, availableReplicas = 0 }: z.infer<typeof Status>) {
  return { replicas, updated: updatedReplicas, available: availableReplicas }
}

function kafka(objects: readonly KubernetesObject[]): Finding {
  if (!objects.some(({ kind }) => kind === 'Kafka')) return NOT_THERE
  for (const object of objects) {
    const status = statusOf(object)
    const { kind, metadata } = object
    if (
      isCurrent(object, status) &&
      status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
    ) {
      continue
    }
    const why = status.conditions?.find(({ type }) => type === 'NotReady')
    return {
      state: 'waiting',
      reason: why?.reason ?? 'KafkaNotReady',
      message: `${kind} ${metadata.name}: ${why?.message ?? 'Strimzi has not said that it is ready.'}`,
    }
  }
  return { state: 'ready', reason: 'Ready', message: 'Cluster, topics and users are ready.' }
}

function mongodb(object: KubernetesObject | undefined): Finding {
  if (object === undefined) return NOT_THERE
  const { phase = 'Pending', message } = statusOf(object)
  if (phase === 'Running') return { state: 'ready', reason: phase, message: 'The replica set runs.' }
  return {
    state: 'waiting',
    reason: `MongoDB${phase}`,
    message: `MongoDBCommunity ${object.metadata.name}: ${message ?? phase}`,
  }
}

/** The topics of a Kafka that is there are made by a Job, if at all. */
function jobs(objects: readonly KubernetesObject[]): Finding {
  const job = objects.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1,
  )[0]
  if (job === undefined) return EXTERNAL
  const conditions = statusOf(job).conditions ?? []
  const failed = conditions.find(({ type, status }) => type === 'Failed' && status === 'True')
  if (failed !== undefined) {
    return {
      state: 'failed',
      reason: 'TopicsFailed',
      message: `Job ${job.metadata.name}: ${failed.message ?? 'failed'}`,
    }
  }
  if (conditions.some(({ type, status }) => type === 'Complete' && status === 'True')) return EXTERNAL
  return { state: 'waiting', reason: 'MakingTopics', message: `Job ${job.metadata.name} has not ended.` }
}

function isCurrent({ metadata }: KubernetesObject, { observedGeneration = 0 }: z.infer<typeof Status>): boolean {
  return observedGeneration >= (metadata.generation ?? 0)
}

function statusOf(object: KubernetesObject): z.infer<typeof Status> {
  return Status.safeParse(object['status'] ?? {}).data ?? {}
}
