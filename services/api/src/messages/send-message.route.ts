import { InstanceName, OnAmbiguous } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { parseBody } from '../http/parse.ts'
import { acceptedOrRefuse } from './accepted-or-refuse.ts'
import { MessageText } from './message-text.ts'
import type { RecipientSchema } from './recipient.ts'
import type { SendMessage, SendMessageResult } from './send-message.ts'

export function sendMessageRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  sendMessage: SendMessage
  onResult(result: SendMessageResult): void
}): RequestHandler {
  const SendMessageBody = z.strictObject({
    instance: InstanceName,
    to: o.recipient,
    type: z.literal('text').default('text'),
    text: MessageText,
    onAmbiguous: OnAmbiguous.optional(),
  })
  return async (req, res) => {
    const principal = await o.authenticate(req, res)
    const idempotencyKey = idempotencyKeyOf(req)
    const { instance, to, text, onAmbiguous } = parseBody(SendMessageBody, req)
    const result = await o.sendMessage({ principal, instance, to, text, onAmbiguous, idempotencyKey })
    o.onResult(result)
    const { id, isReplay } = acceptedOrRefuse(result)
    const self = `/v1/messages/${id}`
    if (isReplay) res.setHeader('Idempotent-Replayed', 'true')
    res.setHeader('Location', self)
    res.setHeader('Content-Type', 'application/json; charset=utf-8')
    // Not `res.json`, which settles much that is settled here: this is the one answer that is given by the thousand.
    res.status(202).end(JSON.stringify({ id, status: 'accepted', links: { self } }))
  }
}
