import type { WebhookDeliveries, WebhookEndpoints } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { DeliveryParams } from './webhook-body.ts'
import { deliveryOrRefuse, enabledOrRefuse, webhookOrRefuse } from './webhook-or-refuse.ts'
import { deliveryView } from './webhook-view.ts'

/** Posts it once more, under the same `webhook-id` and with all its retries. */
export function replayDeliveryRoute(o: {
  authenticate: Authenticate
  findWebhook: WebhookEndpoints['find']
  replayDelivery: WebhookDeliveries['replay']
  wake: WebhookEndpoints['wake']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'webhooks:manage')
    const { id: endpoint, delivery: id } = parseParams(DeliveryParams, req)
    enabledOrRefuse(webhookOrRefuse(await o.findWebhook({ id: endpoint, user })))
    const now = new Date()
    const replayed = deliveryOrRefuse(await o.replayDelivery({ endpoint, user, id }, now))
    await o.wake([endpoint], now)
    res.status(202).json(deliveryView(replayed))
  }
}
