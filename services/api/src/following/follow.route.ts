import type { FeedEvent } from '@whatsapp-sender/contract'
import type { Request, Response } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { openEventOutlet } from '../http/event-outlet.ts'
import type { OpenStreams } from '../http/open-streams.ts'
import { ProblemError } from '../http/problem.ts'
import type { Principal } from '../principal.ts'
import type { EventCursors } from './event-cursor.ts'
import type { EventHub, Follower } from './event-hub.ts'
import { createEventStream, type EventPage, type StreamEnd } from './event-stream.ts'

export type FollowOptions = Readonly<{
  authenticate: Authenticate
  /** For users of whom it is not said. */
  eventFeedDefault: boolean
  cursors: { of(user: string): EventCursors }
  hub: EventHub
  streams: OpenStreams
  heartbeatMs: number
  stallMs: number
  onEnd(why: StreamEnd, err?: unknown): void
}>

/** What a client wants to be told. `begin`: from where when he has seen nothing yet. */
export type Wish = Readonly<{
  begin(): Promise<number>
  matches(event: FeedEvent): boolean
  read(after: number): Promise<EventPage>
}>

/** Answers with events until the client goes, may not go on, or is too slow. */
export type Follow = (req: Request, res: Response, principal: Principal, wish: Wish) => Promise<void>

export function createFollow(o: FollowOptions): Follow {
  return async (req, res, principal, wish) => {
    feedOrRefuse(principal)
    const user = principal.id
    const cursors = o.cursors.of(user)
    const from = seenBefore(req, cursors) ?? (await wish.begin())
    if (req.method === 'HEAD') return void res.status(200).type('text/event-stream').end()
    const place = o.streams.enter(user)
    const follower: Follower = { user, take: (events) => stream.take(events) }
    const stream = createEventStream({
      outlet: openEventOutlet(res),
      from,
      seal: cursors.seal,
      matches: wish.matches,
      read: wish.read,
      join: () => o.hub.join(follower),
      refusal: () => refusalOf(req, res),
      heartbeatMs: o.heartbeatMs,
      stallMs: o.stallMs,
      onEnd: (why, err) => {
        o.hub.leave(follower)
        place.giveBack()
        o.onEnd(why, err)
      },
    })
    place.keep({ stop: () => stream.end('stopping', 'unavailable') })
  }

  function feedOrRefuse({ eventFeed }: Principal): void {
    if (!(eventFeed ?? o.eventFeedDefault)) throw new ProblemError('event-feed-off', FEED_OFF)
  }

  /** The token may be over by now, or revoked, and the feed turned off. */
  async function refusalOf(req: Request, res: Response): Promise<string | undefined> {
    try {
      feedOrRefuse(await o.authenticate(req, res, 'messages:read'))
      return undefined
    } catch (err) {
      return err instanceof ProblemError ? err.code : 'internal-error'
    }
  }
}

const FEED_OFF =
  'Nothing is told of your messages. An administrator turns it on: PATCH /v1/users/{id} with {"eventFeed": true}.'

const LAST_EVENT_ID = 'must be the id of an event that was sent to you, or be left out'

/** @throws {ProblemError} 400 */
function seenBefore({ headers }: Request, { open }: EventCursors): number | undefined {
  const { 'last-event-id': id } = headers
  // A browser that has seen none yet sends an empty one.
  if (id === undefined || id === '') return undefined
  const seq = open(String(id))
  if (seq !== undefined) return seq
  throw new ProblemError('invalid-request', `Last-Event-ID: ${LAST_EVENT_ID}`, {
    errors: [{ field: 'Last-Event-ID', message: LAST_EVENT_ID }],
  })
}
