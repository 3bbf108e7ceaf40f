import type { WebhookDeliveries, WebhookEndpoints } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseParams, parseQuery } from '../http/parse.ts'
import { placeCursor } from '../place-cursor.ts'
import { DELIVERY_ID, WebhookParams } from './webhook-body.ts'
import { webhookOrRefuse } from './webhook-or-refuse.ts'
import { deliveryView } from './webhook-view.ts'

const { Cursor, cursorOf } = placeCursor(DELIVERY_ID)

export const ListDeliveriesQuery = PageQuery.extend({
  cursor: Cursor.optional(),
  state: z.enum(['waiting', 'delivered', 'failed']).optional(),
})

export function listDeliveriesRoute(o: {
  authenticate: Authenticate
  findWebhook: WebhookEndpoints['find']
  listDeliveries: WebhookDeliveries['list']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'webhooks:manage')
    const { id: endpoint } = parseParams(WebhookParams, req)
    const { limit, cursor, state } = parseQuery(ListDeliveriesQuery, req)
    webhookOrRefuse(await o.findWebhook({ id: endpoint, user }))
    const { data, next } = await o.listDeliveries({ endpoint, user, state }, { after: cursor, limit })
    res.json({ data: data.map(deliveryView), next: cursorOf(next) })
  }
}
