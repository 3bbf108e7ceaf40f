import type { ActionResult, MessageOf, MessageRow } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { actedOrRefuse } from './acted-or-refuse.ts'
import type { FindMessage } from './find-message.ts'
import { MessageParams } from './message-params.ts'
import { messageView } from './message-view.ts'
import { onceIngested } from './once-ingested.ts'
import type { ReadSurroundings } from './read-surroundings.ts'

export function cancelMessageRoute(o: {
  authenticate: Authenticate
  findMessage: FindMessage
  cancelMessage(message: MessageOf & Readonly<{ by: string }>): Promise<ActionResult>
  readSurroundings: ReadSurroundings
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send')
    const { id } = parseParams(MessageParams, req)
    const result = await onceIngested({ user, id }, o.findMessage, () => o.cancelMessage({ id, user, by: user }))
    // Cancelling twice is cancelling: the first answer may have been lost.
    const row =
      result !== undefined && isCancelled(result.row)
        ? result.row
        : actedOrRefuse(result, (status) => `It is ${status} and cannot be cancelled.`)
    res.json(messageView(row, await o.readSurroundings(row)))
  }
}

/** What may have been sent before it was cancelled has ended as `unknown`. */
function isCancelled({ status, actions }: MessageRow): boolean {
  return status === 'cancelled' || (status === 'unknown' && actions?.at(-1)?.action === 'cancel')
}
