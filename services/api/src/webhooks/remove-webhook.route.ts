import type { WebhookDeliveries, WebhookEndpoints } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { WebhookParams } from './webhook-body.ts'
import { webhookOrRefuse } from './webhook-or-refuse.ts'

/** Its deliveries go first: a call that failed in between can be repeated. */
export function removeWebhookRoute(o: {
  authenticate: Authenticate
  findWebhook: WebhookEndpoints['find']
  removeDeliveries: WebhookDeliveries['removeAllOf']
  removeWebhook: WebhookEndpoints['remove']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'webhooks:manage')
    const { id } = parseParams(WebhookParams, req)
    webhookOrRefuse(await o.findWebhook({ id, user }))
    await o.removeDeliveries({ endpoint: id, user })
    await o.removeWebhook({ id, user })
    res.status(204).end()
  }
}
