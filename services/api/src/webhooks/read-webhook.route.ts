import type { WebhookEndpoints } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { WebhookParams } from './webhook-body.ts'
import { webhookOrRefuse } from './webhook-or-refuse.ts'
import { webhookView } from './webhook-view.ts'

export function readWebhookRoute(o: {
  authenticate: Authenticate
  findWebhook: WebhookEndpoints['find']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'webhooks:manage')
    const { id } = parseParams(WebhookParams, req)
    res.json(webhookView(webhookOrRefuse(await o.findWebhook({ id, user }))))
  }
}
