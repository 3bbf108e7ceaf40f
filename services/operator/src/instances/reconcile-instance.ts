import { ApiError } from '@whatsapp-sender/client'
import type { Progress } from '../conditions.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { readSecretValue } from '../kubernetes/read-secret-value.ts'
import type { SecretVersions } from '../kubernetes/secret-poll.ts'
import { declaredNumberOf } from './declared-number.ts'
import type { InstanceApi } from './instance-api.ts'
import type { InstanceResource } from './instance-resource.ts'
import { type Finding, progressOf } from './instance-status.ts'
import type { LastStatus } from './last-status.ts'
import { nextPairing, type Pairing, pairingAsBefore, workingCodeOf } from './next-pairing.ts'
import type { Pairings } from './pairings.ts'
import { type InstanceView, planInstance, type Refusal } from './plan-instance.ts'

/** Brings the instance of a resource in step with it, and tells what is there. */
export type ReconcileInstance = (resource: InstanceResource, last: LastStatus) => Promise<Finding>

/** More than any plan has: one that never ends is a fault of ours. */
const STEPS_MAX = 6

/**
 * Observe, plan, apply. What only a person can mend ends in a finding that is stalled; what may pass by itself is thrown,
 * and tried again.
 * @throws {SenderUnavailableError} {ApiError} {KubernetesError}
 */
export function createReconcileInstance({
  cluster,
  apiOf,
  pairings,
  onKeyRead,
  onStep,
  now = () => new Date(),
}: Readonly<{
  cluster: Pick<Cluster, 'read'>
  apiOf(senderName: string): InstanceApi
  pairings: Pick<Pairings, 'begin' | 'end' | 'of'>
  /** The resource has its key from these. */
  onKeyRead(key: string, secrets: SecretVersions): void
  /** For Events: what was done with the instance. */
  onStep(resource: InstanceResource, step: 'create' | 'take-over' | 'give' | 'change'): void
  now?(): Date
}>): ReconcileInstance {
  return async (resource, last) => {
    const api = apiOf(resource.spec.senderName)
    try {
      const view = await bringInStep(resource, api, last.instanceName !== undefined)
      if ('refusal' in view) return stalled(view.refusal)
      const pairing = await pair(resource, last, { api, view })
      return { progress: progressOf(view), seen: { view, pairing, number: declaredNumberOf(resource.spec) } }
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === undefined) throw error
      return stalled(refusal)
    }
  }

  /** The instance, as it is when nothing has to be changed any more. */
  async function bringInStep(
    resource: InstanceResource,
    api: InstanceApi,
    wasKept: boolean,
  ): Promise<InstanceView | Readonly<{ refusal: Refusal }>> {
    const key = await readKey(resource)
    if (typeof key === 'object') return { refusal: key }
    for (let taken = 0; taken < STEPS_MAX; ) {
      const observed = await api.find(resource.instanceName)
      const plan = planInstance(resource, observed, { key, wasKept })
      if ('refusal' in plan) return plan
      if (observed !== undefined && plan.steps.length === 0) return observed
      for (const step of plan.steps) {
        await api.perform(step, resource, key)
        onStep(resource, step.do)
        taken += 1
      }
    }
    throw new Error(`The instance ${resource.instanceName} does not come to rest`)
  }

  /** Undefined: it is used with the key that the API has. */
  async function readKey({ key, namespace, spec }: InstanceResource): Promise<string | Refusal | undefined> {
    const ref = spec.apiKeySecretRef
    if (ref === undefined) return undefined
    const found = await readSecretValue(cluster, { namespace, name: ref.name, key: ref.key })
    onKeyRead(key, new Map([[ref.name, found.version]]))
    return 'value' in found ? found.value : { reason: 'SecretMissing', message: `${found.fault}.` }
  }

  async function pair(
    resource: InstanceResource,
    last: LastStatus,
    { api, view }: Readonly<{ api: InstanceApi; view: InstanceView }>,
  ): Promise<Pairing> {
    if (view.stateStale) return pairingAsBefore(last, now())
    const there = pairings.of(resource.key)
    const pairing = nextPairing(view, { last, request: resource.pairRequest, now: now(), endsAt: there?.endsAt })
    if (pairing.state === 'under-way') {
      pairings.begin(resource, api, pairing.endsAt)
      // A process that is new has none yet, and that of the process before may still work.
      return { ...pairing, code: there?.code ?? workingCodeOf(last, now()) }
    }
    if (there !== undefined || last.pairing !== undefined) await pairings.end(resource)
    return pairing
  }
}

function stalled({ reason, message }: Refusal): Readonly<{ progress: Progress }> {
  return { progress: { state: 'stalled', reason, message } }
}

/** What waiting does not change, as far as the API knows: asked again it says the same. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof ApiError)) return undefined
  const { status, code, problem } = error
  const isLasting = code === 'evolution-failed' || (status >= 400 && status < 500 && !PASSING.has(status))
  if (!isLasting) return undefined
  const fields = problem?.errors?.map(({ field }) => field) ?? []
  const reason = fields.includes('ownerEmail') ? 'OwnerNotApproved' : reasonOf(code)
  return { reason, message: problem?.detail ?? error.message }
}

const PASSING = new Set([401, 408, 425, 429])

/** `instance-name-taken` → `InstanceNameTaken` */
function reasonOf(code: string): string {
  return code.replaceAll(/(?:^|-)([a-z])/g, (_whole, letter: string) => letter.toUpperCase())
}
