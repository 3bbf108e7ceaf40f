import type { RouteTable } from '../http/app.ts'
import { jsonBody } from '../http/json-body.ts'
import { createFindAddressFault } from '../outgoing-addresses.ts'
import type { Parts } from '../parts.ts'
import { changeWebhookRoute } from './change-webhook.route.ts'
import { createWebhookRoute } from './create-webhook.route.ts'
import { createCreateWebhook } from './create-webhook.ts'
import { listDeliveriesRoute } from './list-deliveries.route.ts'
import { listWebhooksRoute } from './list-webhooks.route.ts'
import { pingWebhookRoute } from './ping-webhook.route.ts'
import { readWebhookRoute } from './read-webhook.route.ts'
import { removeWebhookRoute } from './remove-webhook.route.ts'
import { replayDeliveryRoute } from './replay-delivery.route.ts'
import { rotateWebhookSecretRoute } from './rotate-webhook-secret.route.ts'

/** Everything about the addresses that users want events posted to. */
export function webhookRoutes({ config, access, once, store }: Parts): RouteTable {
  const { webhookEndpoints: endpoints, webhookDeliveries: deliveries } = store
  const body = jsonBody({ bytesMax: 64 * 1024 })
  const o = {
    authenticate: access.authenticate,
    once,
    findAddressFault: createFindAddressFault(config.privateNetworks),
    createWebhook: createCreateWebhook({
      endpoints,
      events: store.events,
      setEventFeed: store.users.setEventFeed,
      forgetKnownUser: access.knownUsers.forget,
    }),
    listWebhooks: endpoints.listOf,
    findWebhook: endpoints.find,
    changeWebhook: endpoints.change,
    removeWebhook: endpoints.remove,
    rotateSecret: endpoints.rotateSecret,
    wake: endpoints.wake,
    insertDeliveries: deliveries.insert,
    listDeliveries: deliveries.list,
    replayDelivery: deliveries.replay,
    removeDeliveries: deliveries.removeAllOf,
  }
  const [read, change, remove] = [readWebhookRoute(o), changeWebhookRoute(o), removeWebhookRoute(o)]
  return {
    '/v1/webhooks': { get: [listWebhooksRoute(o)], post: [body, createWebhookRoute(o)] },
    '/v1/webhooks/:id': { get: [read], patch: [body, change], delete: [remove] },
    '/v1/webhooks/:id/rotate-secret': { post: [rotateWebhookSecretRoute(o)] },
    '/v1/webhooks/:id/ping': { post: [pingWebhookRoute(o)] },
    '/v1/webhooks/:id/deliveries': { get: [listDeliveriesRoute(o)] },
    '/v1/webhooks/:id/deliveries/:delivery/replay': { post: [replayDeliveryRoute(o)] },
  }
}
