import type { ListedMessage } from '@whatsapp-sender/store'
import { isAhead } from './message-view.ts'

/** A message as a list shows it; its content, its attempts and what it waits for are shown of one at a time. */
export function listedMessageView(row: ListedMessage, now = Date.now()) {
  const { nextAttemptAt, to, ...shown } = row
  return { ...shown, ...(row.erased === undefined && { to }), ...(isAhead(row, now) && { nextAttemptAt }) }
}
