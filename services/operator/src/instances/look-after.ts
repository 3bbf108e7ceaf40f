import type { Finding } from './instance-status.ts'
import { conditionOf, type LastStatus } from './last-status.ts'
import type { InstanceView } from './plan-instance.ts'

/** After how long a resource is looked at again though nobody has told of a change, ms. */
export const LOOK_AFTER_MS = {
  open: 300_000,
  waiting: 15_000,
  pairing: 30_000,
  stalled: 60_000,
  unavailable: 30_000,
} as const
/** Evolution API knows the number of a phone by then, or tells none. */
const NUMBER_KNOWN_MS = 120_000

export function lookAfter({ progress, seen }: Finding, last: LastStatus, now: Date): number {
  if (seen === undefined || progress.state === 'stalled') return LOOK_AFTER_MS.stalled
  const { view, pairing } = seen
  if (view.stateStale) return LOOK_AFTER_MS.unavailable
  if (view.state === 'open') return isNumberAwaited(view, last, now) ? LOOK_AFTER_MS.waiting : LOOK_AFTER_MS.open
  if (pairing.state === 'none') return LOOK_AFTER_MS.waiting
  return pairing.state === 'over' ? LOOK_AFTER_MS.stalled : LOOK_AFTER_MS.pairing
}

/** The database of Evolution API hears of a phone a little later than we do. */
function isNumberAwaited({ channel, connectedNumber }: InstanceView, last: LastStatus, now: Date): boolean {
  if (channel !== 'baileys' || connectedNumber !== undefined) return false
  const connected = conditionOf(last, 'Connected')
  return connected?.status !== 'True' || now.getTime() - Date.parse(connected.lastTransitionTime) < NUMBER_KNOWN_MS
}
