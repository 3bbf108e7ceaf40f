import type { WebhookEndpoints } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import type { Once } from '../http/once.ts'
import { parseParams } from '../http/parse.ts'
import { WebhookParams } from './webhook-body.ts'
import { webhookOrRefuse } from './webhook-or-refuse.ts'

const OVERLAP_MS = 86_400_000

/** The new secret signs at once, the former one beside it for a day. */
export function rotateWebhookSecretRoute(o: {
  authenticate: Authenticate
  once: Once
  rotateSecret: WebhookEndpoints['rotateSecret']
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'webhooks:manage')
    const { id } = parseParams(WebhookParams, req)
    await o.once(req, res, principal, async () => {
      const now = new Date()
      const formerUntil = new Date(now.getTime() + OVERLAP_MS)
      const secret = webhookOrRefuse(await o.rotateSecret({ id, user: principal.id }, now, formerUntil))
      return { status: 200, body: { secret, formerUntil } }
    })
  }
}
