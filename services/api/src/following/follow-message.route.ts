import { subjectOf } from '@whatsapp-sender/contract'
import type { Events } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams, parseQuery } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { FindMessage } from '../messages/find-message.ts'
import { MessageParams } from '../messages/message-params.ts'
import type { Follow } from './follow.route.ts'

const NoQuery = z.strictObject({})

/** What has happened to a message since it was accepted, and what happens to it from now on. */
export function followMessageRoute(o: {
  authenticate: Authenticate
  follow: Follow
  findMessage: FindMessage
  events: Pick<Events, 'readOfMessage'>
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:read')
    const { id } = parseParams(MessageParams, req)
    parseQuery(NoQuery, req)
    // Another user's message looks like one that does not exist.
    if ((await o.findMessage(principal.id, id)) === undefined)
      throw new ProblemError('message-not-found', 'There is no such message.', { retryAfterSeconds: 1 })
    await o.follow(req, res, principal, {
      begin: () => Promise.resolve(0),
      matches: (event) => subjectOf(event) === id,
      read: async (after) => {
        const events = await o.events.readOfMessage(principal.id, id)
        return { events: events.filter(({ seq }) => seq > after), last: after, isWhole: true }
      },
    })
  }
}
