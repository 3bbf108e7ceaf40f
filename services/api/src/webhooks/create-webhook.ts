import type { Events, NewWebhookEndpoint, WebhookEndpoint, WebhookEndpoints } from '@whatsapp-sender/store'
import type { Principal } from '../principal.ts'

/** Each event of a user is made a delivery of for every one of them. */
export const WEBHOOKS_MAX = 20

export type CreateWebhook = (
  principal: Principal,
  wanted: Omit<NewWebhookEndpoint, 'user' | 'fromSeq'>,
) => Promise<{ endpoint: WebhookEndpoint; secret: string } | 'too-many'>

/** Also turns the user's events on: what becomes of messages accepted from then on is told. */
export function createCreateWebhook(o: {
  endpoints: Pick<WebhookEndpoints, 'countOf' | 'create'>
  events: Pick<Events, 'head'>
  setEventFeed(user: string, eventFeed: boolean): Promise<unknown>
  forgetKnownUser(user: { id: string; email: string }): void
}): CreateWebhook {
  return async ({ id: user, email, eventFeed }, wanted) => {
    if ((await o.endpoints.countOf(user)) >= WEBHOOKS_MAX) return 'too-many'
    if (eventFeed !== true) {
      await o.setEventFeed(user, true)
      o.forgetKnownUser({ id: user, email })
    }
    return await o.endpoints.create({ ...wanted, user, fromSeq: await o.events.head() })
  }
}
