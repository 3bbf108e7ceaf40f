import { encodeFeedEvent, subjectOf } from '@whatsapp-sender/contract'
import {
  type Events,
  type SequencedEvent,
  WEBHOOK_READER,
  type WebhookDeliveries,
  type WebhookEndpoint,
  type WebhookEndpoints,
} from '@whatsapp-sender/store'
import type { Clock } from '../../dispatch/clock.ts'

/** A page of events in memory at a time, and for each at most one draft per endpoint of its user. */
const EVENTS_MAX = 200
const LOOK_AGAIN_MS = 250
/** Whoever was active before may have appended a last time after this process looked. */
const LOOK_IDLE_MS = 30_000

/**
 * A step that makes a delivery of each event for each endpoint that listens to it. They are stored before the position
 * moves: after a crash some are made again, and each endpoint has each event once, so nothing comes of it.
 */
export function createFanOutEvents({
  events,
  endpoints,
  deliveries,
  isActive,
  clock,
  onFannedOut,
  onMissed,
}: Readonly<{
  events: Pick<Events, 'readAfter' | 'position' | 'advance' | 'head'>
  endpoints: Pick<WebhookEndpoints, 'isAnyListening' | 'listeningOf' | 'wake'>
  deliveries: Pick<WebhookDeliveries, 'insert'>
  isActive(): boolean
  clock: Pick<Clock, 'storeNow'>
  onFannedOut(deliveries: number): void
  /** Events that were removed by age before they were read. */
  onMissed(count: number): void
}>) {
  let position: number | undefined

  const fanOut = async (page: readonly SequencedEvent[]): Promise<void> => {
    const listening = await endpoints.listeningOf([...new Set(page.map(({ event }) => event.user))])
    const drafts = page.flatMap((told) =>
      listening.filter((endpoint) => isFor(endpoint, told)).map((endpoint) => draftOf(endpoint, told)),
    )
    if (drafts.length === 0) return
    const now = new Date(clock.storeNow())
    await deliveries.insert(drafts, now)
    await endpoints.wake([...new Set(drafts.map(({ endpoint }) => endpoint))], now)
    onFannedOut(drafts.length)
  }

  return async (): Promise<number> => {
    if (!isActive()) {
      position = undefined
      return LOOK_AGAIN_MS
    }
    position ??= await events.position(WEBHOOK_READER)
    // The end is read first: whoever begins to listen after the question is told what comes after this end.
    const head = await events.head()
    if (head === position) return LOOK_IDLE_MS
    if (!(await endpoints.isAnyListening())) {
      await events.advance(WEBHOOK_READER, head)
      position = head
      return LOOK_AGAIN_MS
    }
    const page = await events.readAfter(position, { limit: EVENTS_MAX })
    const [first] = page
    if (position > 0 && first !== undefined && first.seq > position + 1) onMissed(first.seq - position - 1)
    await fanOut(page)
    const last = page.at(-1)?.seq ?? position
    await events.advance(WEBHOOK_READER, last)
    position = last
    return page.length < EVENTS_MAX ? LOOK_AGAIN_MS : 0
  }
}

function isFor({ user, events, instances, fromSeq }: WebhookEndpoint, { seq, event }: SequencedEvent): boolean {
  return (
    user === event.user &&
    seq > fromSeq &&
    (events === undefined || events.includes(event.type)) &&
    (instances === undefined || instances.includes(event.instance))
  )
}

function draftOf({ id, user }: WebhookEndpoint, { seq, event, traceparent }: SequencedEvent) {
  const body = encodeFeedEvent(event).toString('utf8')
  const draft = { id: event.id, endpoint: id, user, seq, type: event.type, key: subjectOf(event), body }
  return traceparent === undefined ? draft : { ...draft, traceparent }
}
