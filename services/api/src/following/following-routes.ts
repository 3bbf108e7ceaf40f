import type { RouteTable } from '../http/app.ts'
import { createFindMessage } from '../messages/find-message.ts'
import type { Parts } from '../parts.ts'
import { createEventCursors } from './event-cursor.ts'
import { createEventHub } from './event-hub.ts'
import { createFollow } from './follow.route.ts'
import { followEventsRoute } from './follow-events.route.ts'
import { followMessageRoute } from './follow-message.route.ts'

/** What becomes of messages, as server-sent events. */
export function followingRoutes({ access, config, events, store, streams, streamLimits }: Parts): RouteTable {
  const { authenticate } = access
  const follow = createFollow({
    authenticate,
    eventFeedDefault: config.messages.eventFeedDefault,
    cursors: createEventCursors(config.secretKey),
    hub: createEventHub({ ...store.events, onError: events.feedUnreadable }),
    streams,
    ...streamLimits,
    onEnd: events.streamEnded,
  })
  const findMessage = createFindMessage({ ledger: store.ledger })
  const following = { authenticate, follow, findMessage, events: store.events }
  return {
    '/v1/events': { get: [followEventsRoute(following)] },
    '/v1/messages/:id/events': { get: [followMessageRoute(following)] },
  }
}
