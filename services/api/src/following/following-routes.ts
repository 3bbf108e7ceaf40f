import type { Events } from '@whatsapp-sender/store'
import type { RouteTable } from '../http/app.ts'
import { createFindMessage } from '../messages/find-message.ts'
import type { ReadSurroundingsOfAll } from '../messages/read-surroundings.ts'
import type { Parts } from '../parts.ts'
import { createEventCursors } from './event-cursor.ts'
import { createEventHub } from './event-hub.ts'
import { createFollow } from './follow.route.ts'
import { followEventsRoute } from './follow-events.route.ts'
import { followMessageRoute } from './follow-message.route.ts'
import { createTellWaiting, type TellWaiting } from './tell-waiting.ts'

/** What becomes of messages, as server-sent events. */
export function followingRoutes({
  access,
  config,
  events,
  store,
  streams,
  streamLimits,
  readSurroundingsOfAll,
}: Parts & Readonly<{ readSurroundingsOfAll: ReadSurroundingsOfAll }>): RouteTable {
  const { authenticate } = access
  const tellWaiting = createTellWaiting({ findWaiting: store.ledger.waiting, readSurroundingsOfAll })
  const read = withWaiting(store.events, tellWaiting)
  const follow = createFollow({
    authenticate,
    eventFeedDefault: config.messages.eventFeedDefault,
    cursors: createEventCursors(config.secretKeys),
    hub: createEventHub({ ...read, onError: events.feedUnreadable }),
    streams,
    ...streamLimits,
    onEnd: events.streamEnded,
  })
  const findMessage = createFindMessage({ ledger: store.ledger })
  const following = { authenticate, follow, findMessage, events: read }
  return {
    '/v1/events': { get: [followEventsRoute(following)] },
    '/v1/messages/:id/events': { get: [followMessageRoute(following)] },
  }
}

/** The events as they are read, and of those after which a message waits, what it waits for. */
function withWaiting(
  { head, readAfter, readPageOf, readOfMessage }: Events,
  tellWaiting: TellWaiting,
): Pick<Events, 'head' | 'readAfter' | 'readPageOf' | 'readOfMessage'> {
  return {
    head,
    readAfter: async (seq, page) => await tellWaiting(await readAfter(seq, page)),
    readPageOf: async (user, page) => {
      const found = await readPageOf(user, page)
      return { ...found, events: await tellWaiting(found.events) }
    },
    readOfMessage: async (user, messageId) => await tellWaiting(await readOfMessage(user, messageId)),
  }
}
