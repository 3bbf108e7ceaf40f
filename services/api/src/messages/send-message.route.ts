import { InstanceName, OnAmbiguous, Priority } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { parseBody } from '../http/parse.ts'
import { acceptedOrRefuse } from './accepted-or-refuse.ts'
import { MessageText } from './message-text.ts'
import { Metadata, Reference } from './metadata.ts'
import { Moment, SendAt, TtlSeconds } from './moment.ts'
import type { RecipientSchema } from './recipient.ts'
import type { SendMessage, SendMessageResult } from './send-message.ts'

export function sendMessageRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  sendMessage: SendMessage
  onResult(result: SendMessageResult): void
}): RequestHandler {
  const SendMessageBody = z
    .strictObject({
      instance: InstanceName,
      to: o.recipient,
      type: z.literal('text').default('text'),
      text: MessageText,
      onAmbiguous: OnAmbiguous.optional(),
      sendAt: SendAt.optional(),
      expiresAt: Moment.optional(),
      ttlSeconds: TtlSeconds.optional(),
      priority: Priority.optional(),
      reference: Reference.optional(),
      metadata: Metadata.optional(),
    })
    .refine(({ expiresAt, ttlSeconds }) => expiresAt === undefined || ttlSeconds === undefined, {
      path: ['ttlSeconds'],
      message: 'must not be there beside expiresAt',
    })
    .refine(({ sendAt, expiresAt }) => !(sendAt && expiresAt && expiresAt <= sendAt), {
      path: ['expiresAt'],
      message: 'must be after sendAt',
    })
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send')
    const idempotencyKey = idempotencyKeyOf(req)
    const { type: _text, onAmbiguous, ...asked } = parseBody(SendMessageBody, req)
    const result = await o.sendMessage({ principal, onAmbiguous, idempotencyKey, ...asked })
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
