import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { parse } from '../http/parse.ts'
import { acceptedOrRefuse, problemOfResult } from './accepted-or-refuse.ts'
import type { CheckMessage } from './check-message.ts'
import { takeOutFile } from './inline-file.ts'
import { createMessageBodies, type MessageBody, partsOf } from './message-body.ts'
import type { RecipientSchema } from './recipient.ts'
import type { RefuseFiles } from './refuse-files.ts'
import type { SendMessage, SendMessageResult } from './send-message.ts'

export function sendMessageRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  sendMessage: SendMessage
  checkMessage: CheckMessage
  refuseFiles: RefuseFiles
  onResult(result: SendMessageResult, requestId: string): void
}): RequestHandler {
  const bodies = createMessageBodies(o.recipient)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const idempotencyKey = idempotencyKeyOf(req)
    const { body: written, inline } = takeOutFile(req.body ?? {}, principal.id)
    const body = parse<MessageBody>(bodies.of(written), written)
    const asked = partsOf(body)
    if (asked.type !== 'text') {
      const isTrial = body.validateOnly === true
      await o.refuseFiles({ user: principal.id, message: asked, inline, isTrial })
    }
    if (body.validateOnly) {
      const checked = await o.checkMessage({ principal, ...asked })
      if (checked.kind !== 'valid') throw problemOfResult(checked)
      res.json({ status: 'valid' })
      return
    }
    const result = await o.sendMessage({ principal, idempotencyKey, ...asked })
    o.onResult(result, String(res.getHeader('Request-Id')))
    const { id, isReplay } = acceptedOrRefuse(result)
    const self = `/v1/messages/${id}`
    if (isReplay) res.setHeader('Idempotent-Replayed', 'true')
    res.setHeader('Location', self)
    res.setHeader('Content-Type', 'application/json; charset=utf-8')
    // Not `res.json`, which settles much that is settled here: this is the one answer that is given by the thousand.
    res.status(202).end(JSON.stringify({ id, status: 'accepted', links: { self } }))
  }
}
