import { timestampOf } from '../timestamp-of.ts'
import { conditionOf, type LastStatus } from './last-status.ts'
import type { InstanceView } from './plan-instance.ts'

/**
 * Codes for a phone to scan, for a while after an instance has lost its login, or never had one:
 *
 * | state       | it becomes                                                                              |
 * | ----------- | --------------------------------------------------------------------------------------- |
 * | `none`      | `under-way` when it needs a phone                                                       |
 * | `under-way` | `none` when it is connected; `over` when nobody has scanned one until `endsAt`          |
 * | `over`      | `none` when it is connected in some other way; `under-way` when somebody asks for codes |
 *
 * It ends because WhatsApp does not like numbers whose codes nobody scans, and since each code is a write.
 */
export type Pairing = Readonly<
  | { state: 'none' | 'over' }
  /** `code`: where it is, if there is one yet. */
  | { state: 'under-way'; endsAt: Date; code?: NonNullable<LastStatus['pairing']> | undefined }
> &
  /** The request for codes that was followed last. */
  Readonly<{ request: string | undefined }>

/** About as long as Evolution API goes on giving codes. */
const LASTS_MS = 600_000
/** A socket that breaks is back by then, with the login there is. */
const SETTLES_MS = 15_000

/** Whether codes are to be had for the instance now. Pure. */
export function nextPairing(
  view: InstanceView,
  o: Readonly<{ last: LastStatus; request: string | undefined; now: Date; endsAt?: Date | undefined }>,
): Pairing {
  const request = o.request ?? o.last.pairingRequest
  const needed = needsPhone(view, o)
  if (needed === 'no') return { state: 'none', request }
  const isAsked = o.request !== undefined && o.request !== o.last.pairingRequest
  if (isAsked) return { state: 'under-way', endsAt: new Date(o.now.getTime() + LASTS_MS), request }
  // Kept by the status, too, for the process after us.
  const endsAt = o.endsAt ?? (o.last.pairing && new Date(o.last.pairing.endsAt))
  if (endsAt !== undefined) return endsAt > o.now ? { state: 'under-way', endsAt, request } : { state: 'over', request }
  if (conditionOf(o.last, 'Connected')?.reason === 'PairingTimedOut') return { state: 'over', request }
  if (needed === 'not-yet') return { state: 'none', request }
  return { state: 'under-way', endsAt: new Date(o.now.getTime() + LASTS_MS), request }
}

function needsPhone(
  { kind, state, stateStale, qrNeededAt, configurationError }: InstanceView,
  { last, now }: Readonly<{ last: LastStatus; now: Date }>,
): 'yes' | 'no' | 'not-yet' {
  if (kind === 'sandbox' || state === 'open' || stateStale || configurationError !== undefined) return 'no'
  if (qrNeededAt !== undefined) return 'yes'
  const connected = conditionOf(last, 'Connected')
  if (connected === undefined || connected.reason === 'WaitingForScan' || connected.reason === 'PairingTimedOut')
    return 'yes'
  // What is connecting has a login, and comes back by itself.
  if (state === 'connecting' || connected.status !== 'False') return 'not-yet'
  return now.getTime() - Date.parse(connected.lastTransitionTime) >= SETTLES_MS ? 'yes' : 'not-yet'
}

/** While Evolution API does not tell its state: what there was goes on, if it still works. */
export function pairingAsBefore(last: LastStatus, now: Date): Pairing {
  const code = workingCodeOf(last, now)
  const request = last.pairingRequest
  return code === undefined
    ? { state: 'none', request }
    : { state: 'under-way', endsAt: new Date(code.endsAt), code, request }
}

/** The code that was told last, if it still works. */
export function workingCodeOf({ pairing }: LastStatus, now: Date): LastStatus['pairing'] {
  return pairing !== undefined && Date.parse(pairing.expiresAt) > now.getTime() ? pairing : undefined
}

/** The status's part, of a code that works until `expiresAt`. */
export function codeInStatus(secretName: string, expiresAt: Date, endsAt: Date): NonNullable<LastStatus['pairing']> {
  return { secretName, expiresAt: timestampOf(expiresAt), endsAt: timestampOf(endsAt) }
}
