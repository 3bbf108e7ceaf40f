import type { WebhookEndpoints } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { callableOrRefuse, type FindAddressFault } from './webhook-address.ts'
import { ChangeWebhookBody, WebhookParams } from './webhook-body.ts'
import { webhookOrRefuse } from './webhook-or-refuse.ts'
import { webhookView } from './webhook-view.ts'

export function changeWebhookRoute(o: {
  authenticate: Authenticate
  findAddressFault: FindAddressFault
  changeWebhook: WebhookEndpoints['change']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'webhooks:manage')
    const { id } = parseParams(WebhookParams, req)
    const change = parseBody(ChangeWebhookBody, req)
    if (change.url !== undefined) await callableOrRefuse(change.url, o.findAddressFault)
    res.json(webhookView(webhookOrRefuse(await o.changeWebhook({ id, user }, change, new Date()))))
  }
}
