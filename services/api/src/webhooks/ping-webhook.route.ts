import { randomUUID } from 'node:crypto'
import { WEBHOOK_PING } from '@whatsapp-sender/contract'
import type { WebhookDeliveries, WebhookEndpoints } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import type { Once } from '../http/once.ts'
import { parseParams } from '../http/parse.ts'
import { WebhookParams } from './webhook-body.ts'
import { enabledOrRefuse, webhookOrRefuse } from './webhook-or-refuse.ts'

/** A delivery like any other, of an event that nothing happened for. */
export function pingWebhookRoute(o: {
  authenticate: Authenticate
  once: Once
  findWebhook: WebhookEndpoints['find']
  insertDeliveries: WebhookDeliveries['insert']
  wake: WebhookEndpoints['wake']
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'webhooks:manage')
    const { id: endpoint } = parseParams(WebhookParams, req)
    const user = principal.id
    await o.once(req, res, principal, async () => {
      enabledOrRefuse(webhookOrRefuse(await o.findWebhook({ id: endpoint, user })))
      const now = new Date()
      const id = `ping:${randomUUID()}`
      const body = JSON.stringify({ v: 1, id, type: WEBHOOK_PING, at: now.toISOString(), user })
      await o.insertDeliveries([{ id, endpoint, user, seq: 0, type: WEBHOOK_PING, key: id, body }], now)
      await o.wake([endpoint], now)
      return { status: 202, body: { id, links: { deliveries: `/v1/webhooks/${endpoint}/deliveries` } } }
    })
  }
}
