import { newContactHoldAt, type Pace, type WaitingFor } from '@whatsapp-sender/contract'
import type { Contact, Instance, WaitingRow } from '@whatsapp-sender/store'
import { type Conditions, type Holding, holdingOf } from '../instances/instance-conditions.ts'

/** What a waiting message waits on besides itself. */
export type Surroundings = Readonly<{
  instance: Instance | undefined
  conditions: Conditions | undefined
  defaultPace: Pace
  /** Another message of its lane goes first. */
  isAheadTaken: boolean
  /** What its instance knows of the recipient; undefined: never written to, or nobody asks. */
  contact: Contact | undefined
}>

/** Why a message has not left yet. `expectedAt` is the earliest it can, left out where nobody can know. */
export type Waiting = Readonly<{ waitingFor: WaitingFor; expectedAt?: Date }>

/** Undefined once it has left, or has ended, or is leaving. */
export function waitingOf(row: WaitingRow, surroundings: Surroundings, now: number): Waiting | undefined {
  if (row.status === 'scheduled') return scheduledFor(row)
  if (row.status !== 'queued') return undefined
  const { instance, conditions } = surroundings
  if (instance === undefined) return { waitingFor: 'instance' }
  const pace = instance.pace ?? surroundings.defaultPace
  const holding = holdingOf(instance, { pace, conditions, now })
  if (holding !== undefined) return heldBy(holding)
  if (row.nextAttemptAt !== undefined && row.nextAttemptAt.getTime() > now) {
    return { waitingFor: retriesWhat(row), expectedAt: row.nextAttemptAt }
  }
  if (surroundings.isAheadTaken) return { waitingFor: 'recipient' }
  return paceOfRecipient(pace, surroundings, now) ?? { waitingFor: 'pace' }
}

function scheduledFor({ held, sendAt }: WaitingRow): Waiting {
  if (held) return { waitingFor: 'campaign' }
  return { waitingFor: 'schedule', ...(sendAt && { expectedAt: sendAt }) }
}

function heldBy({ reason, until }: Holding): Waiting {
  return { waitingFor: WAITS[reason], ...(until && { expectedAt: until }) }
}

const WAITS = {
  paused: 'paused',
  instance: 'instance',
  breaker: 'instance',
  silence: 'pace',
  'quiet-hours': 'quiet-hours',
  'daily-cap': 'daily-cap',
} as const satisfies Readonly<Record<Holding['reason'], WaitingFor>>

/** The last try may have been about the server, or the instance, and not about this message. */
function retriesWhat({ lastOutcome }: WaitingRow): WaitingFor {
  return lastOutcome === 'released' ? 'instance' : 'retry'
}

/** What the pace has against this recipient alone. */
function paceOfRecipient(
  pace: Pace,
  { instance, conditions, contact }: Surroundings,
  now: number,
): Waiting | undefined {
  if (conditions === undefined || instance === undefined) return undefined
  const gapEnds = (contact?.lastSentAt ?? Number.NEGATIVE_INFINITY) + (pace.recipientGapMs ?? 0)
  if (gapEnds > now) return { waitingFor: 'recipient', expectedAt: new Date(gapEnds) }
  if (contact?.firstSentAt !== undefined) return undefined
  const until = newContactHoldAt(pace, conditions.paceFacts.get(instance.id), now)
  return until === undefined ? undefined : { waitingFor: 'daily-cap', expectedAt: new Date(until) }
}
