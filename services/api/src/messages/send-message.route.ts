import { InstanceName } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { parseBody } from '../http/parse.ts'
import { acceptedOrRefuse, problemOfResult } from './accepted-or-refuse.ts'
import type { CheckMessage } from './check-message.ts'
import { callersOwn, faultsOfTimes, sendingOptions } from './message-options.ts'
import { MessageText } from './message-text.ts'
import type { RecipientSchema } from './recipient.ts'
import type { SendMessage, SendMessageResult } from './send-message.ts'

export function sendMessageRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  sendMessage: SendMessage
  checkMessage: CheckMessage
  onResult(result: SendMessageResult): void
}): RequestHandler {
  const SendMessageBody = z
    .strictObject({
      instance: InstanceName,
      to: o.recipient,
      type: z.literal('text').default('text'),
      text: MessageText,
      ...sendingOptions,
      ...callersOwn,
      validateOnly: z.boolean().optional(),
    })
    .superRefine((body, ctx) => {
      for (const { field, message } of faultsOfTimes(body)) ctx.addIssue({ code: 'custom', path: [field], message })
    })
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const idempotencyKey = idempotencyKeyOf(req)
    const { type: _text, validateOnly, onAmbiguous, ...asked } = parseBody(SendMessageBody, req)
    if (validateOnly) {
      const checked = await o.checkMessage({ principal, onAmbiguous, ...asked })
      if (checked.kind !== 'valid') throw problemOfResult(checked)
      res.json({ status: 'valid' })
      return
    }
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
