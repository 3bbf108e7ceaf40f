import type { WebhookEndpoints } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseQuery } from '../http/parse.ts'
import { webhookView } from './webhook-view.ts'

const NoQuery = z.strictObject({})

/** All at once: a user has few. */
export function listWebhooksRoute(o: {
  authenticate: Authenticate
  listWebhooks: WebhookEndpoints['listOf']
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'webhooks:manage')
    parseQuery(NoQuery, req)
    const data = await o.listWebhooks(principal.id)
    res.json({ data: data.map(webhookView), next: null })
  }
}
