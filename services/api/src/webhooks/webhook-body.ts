import { InstanceName, WEBHOOK_EVENT_TYPES } from '@whatsapp-sender/contract'
import { z } from 'zod'

export const WebhookParams = z.object({ id: z.uuid('must be a webhook id') })

/** The id of an event: `<message id>:<n>`, or that of a ping. */
export const DELIVERY_ID = '[A-Za-z0-9:-]{1,80}'

export const DeliveryParams = WebhookParams.extend({
  delivery: z.string().regex(new RegExp(`^${DELIVERY_ID}$`), 'must be a delivery id'),
})

const fields = {
  /** Judged apart, for that asks a name server. */
  url: z.string().max(2048),
  description: z.string().trim().min(1).max(256),
  events: z.array(z.enum(WEBHOOK_EVENT_TYPES)).min(1).max(50).transform(withoutRepeats),
  instances: z.array(InstanceName).min(1).max(100).transform(withoutRepeats),
}

export const CreateWebhookBody = z.strictObject({
  url: fields.url,
  description: fields.description.optional(),
  events: fields.events.optional(),
  instances: fields.instances.optional(),
})

/** `null` goes back to the default; what is not named stays. */
export const ChangeWebhookBody = z
  .strictObject({
    url: fields.url.optional(),
    description: fields.description.nullable().optional(),
    events: fields.events.nullable().optional(),
    instances: fields.instances.nullable().optional(),
    enabled: z.boolean().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'must name something to change')

function withoutRepeats<T>(items: readonly T[]): T[] {
  return [...new Set(items)]
}
