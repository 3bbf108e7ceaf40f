import { isDeepStrictEqual } from 'node:util'
import type { Schemas } from '@whatsapp-sender/client'
import { evolutionKeyDigest } from '@whatsapp-sender/contract'
import type { WhatsAppInstanceSpec } from '@whatsapp-sender/infra'
import { declaredNumberOf } from './declared-number.ts'
import { exact } from './exact.ts'
import type { InstanceResource } from './instance-resource.ts'

/** What the API says of an instance. */
export type InstanceView = Schemas['Instance']

type Settings = NonNullable<InstanceView['ownSettings']>

export type InstanceStep =
  | Readonly<{ do: 'create' }>
  | Readonly<{ do: 'take-over' }>
  | Readonly<{ do: 'give'; ownerEmail: string }>
  | Readonly<{ do: 'change'; change: InstanceChange }>

/** `null` goes back to the default of the installation. */
type InstanceChange = Readonly<{
  number?: string | null
  pace?: Settings['pace']
  retry?: Settings['retry']
  checkNumber?: WhatsAppInstanceSpec['checkNumber']
  paused?: boolean
  evolutionKey?: string
}>

/** Why nothing is done until somebody changes something. `reason` is one word in CamelCase. */
export type Refusal = Readonly<{ reason: string; message: string }>

export type InstancePlan = Readonly<{ steps: readonly InstanceStep[] }> | Readonly<{ refusal: Refusal }>

/** Owner of what was made for nobody: the operator itself. */
const NOBODY = 'kubernetes'

/**
 * What brings the instance to where the resource wants it, in order; no step when it is there. Pure.
 * @param observed undefined: the API has none of this name
 * `key` is what Evolution API is to be shown for it; undefined: what the API has. `wasKept`: the resource has had the
 * instance before.
 */
export function planInstance(
  { instanceName, spec }: Pick<InstanceResource, 'instanceName' | 'spec'>,
  observed: InstanceView | undefined,
  { key, wasKept }: Readonly<{ key: string | undefined; wasKept: boolean }>,
): InstancePlan {
  // What it cannot be created with is compared when it is there: the plan after this one has the rest.
  if (observed === undefined) return { steps: [{ do: 'create' }] }
  const refusal = refusalOf(spec, observed, wasKept)
  if (refusal !== undefined) return { refusal }
  if (observed.managedBy === undefined) return { steps: [{ do: 'take-over' }] }
  const { ownerEmail } = spec
  const isOwners = ownerEmail === undefined || ownerEmail.toLowerCase() === observed.ownerEmail?.toLowerCase()
  const change = changeOf(spec, observed)
  const hasKey = key === undefined || evolutionKeyDigest(instanceName, key) === observed.ownSettings?.evolutionKeyDigest
  const changes = { ...change, ...(hasKey ? {} : { evolutionKey: key }) }
  return {
    steps: [
      ...(isOwners ? [] : [{ do: 'give' as const, ownerEmail }]),
      ...(Object.keys(changes).length === 0 ? [] : [{ do: 'change' as const, change: changes }]),
    ],
  }
}

function refusalOf(spec: WhatsAppInstanceSpec, observed: InstanceView, wasKept: boolean): Refusal | undefined {
  const mayTakeOver = spec.adopt || wasKept || observed.owner === NOBODY
  if (observed.managedBy === undefined && !mayTakeOver) {
    const message = 'There is an instance of this name that Kubernetes does not keep. Set spec.adopt to take it over.'
    return { reason: 'NameTaken', message }
  }
  if (observed.kind !== spec.kind) {
    return { reason: 'OtherKind', message: `The instance of this name is of kind ${observed.kind}, and stays so.` }
  }
  if (spec.evolutionServer !== undefined && spec.evolutionServer !== observed.evolutionServer) {
    const message = `It is on the Evolution server ${observed.evolutionServer}, and stays there until it is made anew.`
    return { reason: 'OtherServer', message }
  }
  return undefined
}

function changeOf(spec: WhatsAppInstanceSpec, observed: InstanceView): InstanceChange {
  const { ownSettings, checkNumber, paused } = observed
  const number = declaredNumberOf(spec) ?? null
  return {
    ...(number === (observed.number ?? null) ? {} : { number }),
    ...changeOfOwn(spec, ownSettings),
    ...(spec.checkNumber === checkNumber ? {} : { checkNumber: spec.checkNumber }),
    ...(spec.paused === paused ? {} : { paused: spec.paused }),
  }
}

/** Of what has a default of the installation. */
function changeOfOwn(spec: WhatsAppInstanceSpec, own: Settings | undefined): Pick<InstanceChange, 'pace' | 'retry'> {
  const pace = spec.pace === undefined ? null : exact(spec.pace)
  const retry = spec.retry ?? null
  return {
    ...(isDeepStrictEqual(pace, own?.pace ?? null) ? {} : { pace }),
    ...(isDeepStrictEqual(retry, own?.retry ?? null) ? {} : { retry }),
  }
}
