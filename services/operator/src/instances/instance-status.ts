import { digitsOf, digitVariantsOf, isPhoneNumber } from '@whatsapp-sender/contract'
import { API_VERSION, type WhatsAppInstanceStatus } from '@whatsapp-sender/infra'
import { type Condition, type Progress, setConditions, type Verdict, verdictsOf } from '../conditions.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { timestampOf } from '../timestamp-of.ts'
import type { LastStatus } from './last-status.ts'
import { type Pairing, workingCodeOf } from './next-pairing.ts'
import type { InstanceView } from './plan-instance.ts'

/** What is found of a resource at the end of a reconcile. */
export type Finding = Readonly<{
  progress: Progress
  /** Left out when the API did not tell: what was known of the phone stays as it was said to be. */
  seen?: Readonly<{
    view: InstanceView
    pairing: Pairing
    /** That it is to have, if any is declared. */
    number?: string | undefined
  }>
  isDeleting?: boolean
}>

type Judged = Readonly<{ generation: number; now: Date }>

/** The status to write. Times are kept where nothing has changed, so the same finding makes the same status. */
export function nextStatus(last: LastStatus, finding: Finding, judged: Judged): WhatsAppInstanceStatus {
  const { progress, seen, isDeleting = false } = finding
  const phone = seen === undefined ? phoneAsBefore(last, judged) : phoneOf(last, seen, judged)
  const verdicts = [...verdictsOf(progress), ...(seen === undefined ? [] : phoneVerdicts(seen))]
  return {
    observedGeneration: judged.generation,
    conditions: setConditions(last.conditions, verdicts, judged),
    phase: phaseOf(last, finding, phone),
    ...phone,
    ...(isDeleting && { phase: 'Deleting' }),
  }
}

/** The status alone, as it is applied. */
export function statusObject(resource: KubernetesObject, status: WhatsAppInstanceStatus): KubernetesObject {
  const { name, namespace } = resource.metadata
  return { apiVersion: API_VERSION, kind: 'WhatsAppInstance', metadata: { name, namespace }, status }
}

/** It is done when it is as declared; that somebody has yet to scan a code is told by `Connected`. */
export function progressOf({ configurationError, state }: InstanceView): Progress {
  if (configurationError !== undefined) {
    const message = `Nothing can be sent through it: Evolution API says ${configurationError}.`
    const reason = KEY_REFUSED.has(configurationError) ? 'KeyRefused' : 'ConfigurationRefused'
    return { state: 'stalled', reason, message }
  }
  if (state === 'open') return { state: 'ready', reason: 'Connected', message: 'It is as declared, and has its phone.' }
  return { state: 'ready', reason: 'AsDeclared', message: 'It is as declared. It has no phone now.' }
}

type Phone = Pick<
  WhatsAppInstanceStatus,
  'instanceName' | 'connectionState' | 'phoneNumber' | 'lastSeen' | 'pairing' | 'pairingRequest'
>

function phoneOf(last: LastStatus, { view, pairing }: NonNullable<Finding['seen']>, { now }: Judged): Phone {
  // What Evolution could not be asked for now is no news: it is told as it was told last.
  const connectionState = view.stateStale ? (last.connectionState ?? view.state) : view.state
  const isOpen = connectionState === 'open'
  const lastSeen = last.connectionState === 'open' ? timestampOf(now) : last.lastSeen
  return {
    instanceName: view.name,
    connectionState,
    ...phoneNumberOf(last, view, isOpen),
    ...(lastSeen !== undefined && !isOpen && { lastSeen }),
    ...(pairing.state === 'under-way' && pairing.code && { pairing: pairing.code }),
    ...(pairing.request !== undefined && { pairingRequest: pairing.request }),
  }
}

/** Of other channels Evolution API tells none: then it is that which was declared. */
function phoneNumberOf(last: LastStatus, view: InstanceView, isOpen: boolean): Pick<Phone, 'phoneNumber'> {
  const asBefore = view.stateStale ? last.phoneNumber : undefined
  const known = view.connectedNumber ?? asBefore ?? (view.channel === 'baileys' ? undefined : view.number)
  return isOpen && known !== undefined ? { phoneNumber: known } : {}
}

function phoneAsBefore(last: LastStatus, { now }: Judged): Phone {
  const { instanceName, connectionState, phoneNumber, lastSeen, pairingRequest } = last
  const pairing = workingCodeOf(last, now)
  return {
    ...(instanceName !== undefined && { instanceName }),
    ...(connectionState !== undefined && { connectionState }),
    ...(phoneNumber !== undefined && { phoneNumber }),
    ...(lastSeen !== undefined && { lastSeen }),
    ...(pairing !== undefined && { pairing }),
    ...(pairingRequest !== undefined && { pairingRequest }),
  }
}

function phaseOf(
  last: LastStatus,
  { progress, seen }: Finding,
  { connectionState, pairing }: Phone,
): NonNullable<WhatsAppInstanceStatus['phase']> {
  if (progress.state === 'stalled') return 'Failed'
  if (seen === undefined) return last.phase === undefined || last.phase === 'Failed' ? 'Pending' : last.phase
  if (seen.view.paused) return 'Paused'
  if (connectionState === 'open') return 'Connected'
  return pairing === undefined ? 'Disconnected' : 'Pairing'
}

const KEY_REFUSED = new Set(['unauthorized', 'token-unreadable'])

function phoneVerdicts({ view, pairing, number }: NonNullable<Finding['seen']>): Verdict[] {
  return [connectedVerdict(view, pairing), numberVerdict(view, number), credentialsVerdict(view)]
}

/** Nobody is thrown out for it: whoever declared the number decides what is wrong. */
function numberVerdict({ state, connectedNumber }: InstanceView, declared: string | undefined): Verdict {
  const type = 'NumberAsDeclared'
  if (declared === undefined) return { type, status: 'True', reason: 'NotDeclared', message: '' }
  if (state !== 'open' || connectedNumber === undefined) {
    return { type, status: 'Unknown', reason: 'NotKnown', message: 'Evolution API tells no number of a phone.' }
  }
  if (isSameNumber(declared, connectedNumber)) return { type, status: 'True', reason: 'SameNumber', message: '' }
  const message =
    'The phone that is connected has the number of status.phoneNumber, not that of spec.number. ' +
    'Log it out, so that the other one can be paired, or correct spec.number.'
  return { type, status: 'False', reason: 'OtherNumber', message }
}

/** WhatsApp knows some numbers by other digits than people do. */
function isSameNumber(declared: string, connected: string): boolean {
  if (!isPhoneNumber(declared) || !isPhoneNumber(connected)) return declared === connected
  return digitVariantsOf(declared).includes(digitsOf(connected))
}

function connectedVerdict({ state, stateStale }: InstanceView, pairing: Pairing): Verdict {
  const type = 'Connected'
  if (stateStale) {
    return {
      type,
      status: 'Unknown',
      reason: 'EvolutionUnreachable',
      message: 'Evolution API does not tell its state.',
    }
  }
  if (state === 'open') return { type, status: 'True', reason: 'Open', message: 'It has its phone.' }
  return { type, status: 'False', ...WHY_NOT_CONNECTED[pairing.state] }
}

const WHY_NOT_CONNECTED: Readonly<Record<Pairing['state'], Pick<Condition, 'reason' | 'message'>>> = {
  none: { reason: 'Connecting', message: 'It is being connected with the login that it has.' },
  'under-way': { reason: 'WaitingForScan', message: 'A phone has to scan the code in the Secret of status.pairing.' },
  over: {
    reason: 'PairingTimedOut',
    message: 'Nobody has scanned a code. Give the annotation whatsappsender.io/pair a new value for others.',
  },
}

function credentialsVerdict({ configurationError = '' }: InstanceView): Verdict {
  const type = 'CredentialsValid'
  return KEY_REFUSED.has(configurationError)
    ? { type, status: 'False', reason: 'KeyRefused', message: 'Evolution API refuses the key of the instance.' }
    : { type, status: 'True', reason: 'NotRefused', message: '' }
}
