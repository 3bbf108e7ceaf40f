import type { DisabledReason, WebhookDelivery, WebhookEndpoint } from '@whatsapp-sender/store'

/** As its owner sees it; a secret is shown once, by the route that makes it. */
export function webhookView(endpoint: WebhookEndpoint) {
  const { id, url, description, events, instances, enabled, failures, failingSince, createdAt } = endpoint
  const { disabledReason, disabledAt } = endpoint
  return {
    id,
    url,
    ...(description !== undefined && { description }),
    events: events ?? null,
    instances: instances ?? null,
    enabled,
    ...(disabledReason !== undefined && {
      disabledReason: { code: disabledReason, detail: DISABLED[disabledReason] },
      disabledAt,
    }),
    ...(failingSince !== undefined && { failingSince, failures }),
    createdAt,
  }
}

const DISABLED: Readonly<Record<DisabledReason, string>> = {
  user: 'It was switched off with "enabled": false.',
  gone: 'It answered 410 Gone.',
  failing: 'For a day nothing reached it. Look at its deliveries, and switch it on again with "enabled": true.',
}

export function deliveryView(delivery: WebhookDelivery) {
  const { id, type, state, createdAt, nextAttemptAt, attempts, body } = delivery
  return {
    id,
    type,
    state,
    createdAt,
    ...(nextAttemptAt !== undefined && { nextAttemptAt }),
    attempts,
    body,
  }
}
