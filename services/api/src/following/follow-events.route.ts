import { InstanceName } from '@whatsapp-sender/contract'
import type { Events } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseQuery } from '../http/parse.ts'
import { atMost } from './at-most.ts'
import type { Follow } from './follow.route.ts'

export const FollowEventsQuery = z.strictObject({ instance: InstanceName.optional() })

/** Pages that are read at a time: whoever has missed much must not take every connection to the database. */
const PAGES_MAX = 4

/** Events that are looked at for one page of what a client has missed. */
const PAGE_EVENTS = 200

/** What happens to one's messages from now on, or from where one has seen it. */
export function followEventsRoute(o: {
  authenticate: Authenticate
  follow: Follow
  events: Pick<Events, 'head' | 'readPageOf'>
}): RequestHandler {
  const inTurn = atMost(PAGES_MAX)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:read')
    const { instance } = parseQuery(FollowEventsQuery, req)
    await o.follow(req, res, principal, {
      begin: o.events.head,
      matches: (event) => instance === undefined || event.instance === instance,
      read: (after) => inTurn(() => o.events.readPageOf(principal.id, { after, instance, limit: PAGE_EVENTS })),
    })
  }
}
