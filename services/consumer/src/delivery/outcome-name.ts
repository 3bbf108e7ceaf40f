import type { Outcome } from '@whatsapp-sender/store'

/** As an outcome is counted, logged and traced. `released`: it goes back to its lane, and no attempt is used up. */
export function outcomeNameOf(outcome: Outcome): Outcome['status'] | 'released' {
  return outcome.status === 'queued' && !outcome.counted ? 'released' : outcome.status
}
