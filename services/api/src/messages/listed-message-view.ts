import type { ListedMessage } from '@whatsapp-sender/store'
import { isAhead } from './message-view.ts'
import { type Surroundings, waitingOf } from './message-waiting.ts'

/** A message as a list shows it; its content and its attempts are shown of one at a time. */
export function listedMessageView(row: ListedMessage, surroundings: Surroundings, now = Date.now()) {
  const { nextAttemptAt, to, instanceId: _instanceId, held: _held, lastOutcome: _lastOutcome, ...shown } = row
  return {
    ...shown,
    ...(row.erased === undefined && { to }),
    ...waitingOf(row, surroundings, now),
    ...(isAhead(row, now) && { nextAttemptAt }),
  }
}
