import type { ActionResult, MessageRow } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'

/**
 * The row that an action has left.
 * @throws {ProblemError} 404, or 409 with the status that stands in the way
 */
export function actedOrRefuse(result: ActionResult, whyRefused: (status: MessageRow['status']) => string): MessageRow {
  // Another user's message looks like one that does not exist, and one on its way to the ledger does so for a moment.
  if (result === undefined) {
    throw new ProblemError('message-not-found', 'There is no such message.', { retryAfterSeconds: 1 })
  }
  if (result.kind === 'done') return result.row
  const { status } = result.row
  throw new ProblemError('wrong-status', whyRefused(status), {
    members: { messageStatus: status },
    // An attempt ends, and then it may be possible again.
    ...(status === 'sending' && { retryAfterSeconds: 1 }),
  })
}
