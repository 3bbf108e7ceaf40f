import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import type { Once } from '../http/once.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { type CreateWebhook, WEBHOOKS_MAX } from './create-webhook.ts'
import { callableOrRefuse, type FindAddressFault } from './webhook-address.ts'
import { CreateWebhookBody } from './webhook-body.ts'
import { webhookView } from './webhook-view.ts'

export function createWebhookRoute(o: {
  authenticate: Authenticate
  once: Once
  findAddressFault: FindAddressFault
  createWebhook: CreateWebhook
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'webhooks:manage')
    const wanted = parseBody(CreateWebhookBody, req)
    await o.once(req, res, principal, async () => {
      await callableOrRefuse(wanted.url, o.findAddressFault)
      const created = await o.createWebhook(principal, wanted)
      if (created === 'too-many') {
        throw new ProblemError('webhook-limit', `A user has at most ${WEBHOOKS_MAX} webhooks.`)
      }
      const { endpoint, secret } = created
      const headers = { location: `/v1/webhooks/${endpoint.id}` }
      return { status: 201, headers, body: { ...webhookView(endpoint), secret } }
    })
  }
}
