import { encodeFeedEvent, subjectOf } from '@whatsapp-sender/contract'
import type { Events, SequencedEvent } from '@whatsapp-sender/store'
import type { EventsProducer } from '../kafka/events-producer.ts'

/** A page in memory at a time. */
const EVENTS_MAX = 1000
/** A client writes one record batch per partition and request, and a topic takes 1 MiB of it. */
const BYTES_MAX = 524_288
const LOOK_AGAIN_MS = 250
/** Whoever was active before may have appended a last time after this process looked. */
const LOOK_IDLE_MS = 30_000

export const PUBLISHER = 'messages.events'

/**
 * A step that brings events after the stored position to the topic, in order, one request in flight. The position is
 * stored after the broker has them: after a crash some come again, none is left out.
 */
export function createPublishEvents({
  events,
  producer,
  isActive,
  onPublished,
  onMissed,
}: Readonly<{
  events: Pick<Events, 'readAfter' | 'position' | 'advance' | 'head'>
  producer: EventsProducer
  isActive(): boolean
  onPublished(page: readonly SequencedEvent[]): void
  /** Events that were removed by age before they were published. */
  onMissed(count: number): void
}>) {
  let position: number | undefined
  let head = 0
  let waiting: SequencedEvent | undefined

  const resign = async (): Promise<number> => {
    position = undefined
    waiting = undefined
    await producer.retire()
    return LOOK_AGAIN_MS
  }

  return {
    step: async (): Promise<number> => {
      if (!isActive()) return await resign()
      if (position === undefined) {
        head = await events.head()
        position = await events.position(PUBLISHER)
      }
      const page = await events.readAfter(position, { limit: EVENTS_MAX })
      const [first] = page
      waiting = first
      if (first === undefined) return LOOK_IDLE_MS
      const records = page.map(({ event }) => ({ key: subjectOf(event), value: encodeFeedEvent(event) }))
      const fitting = records.slice(0, fittingCount(records))
      await producer.send(fitting)
      const published = page.slice(0, fitting.length)
      if (position > 0 && first.seq > position + 1) onMissed(first.seq - position - 1)
      position = published.at(-1)?.seq ?? position
      waiting = page[fitting.length]
      onPublished(published)
      await events.advance(PUBLISHER, position)
      return page.length < EVENTS_MAX && waiting === undefined ? LOOK_AGAIN_MS : 0
    },
    /** The newest place of the sequence has moved there. */
    noteHead: (seq: number): void => {
      head = seq
    },
    /** How many events are not published, as far as this process knows; 0 while another is the one that publishes. */
    unpublished: () => (position === undefined ? 0 : Math.max(0, head - position)),
    /** The oldest event that is not published, as far as this process has read. */
    waiting: () => waiting?.event,
  }
}

/** At least one: a single event is never larger than a topic takes. */
function fittingCount(records: readonly Readonly<{ value: Buffer }>[]): number {
  let bytes = 0
  const tooFar = records.findIndex(({ value }) => {
    bytes += value.length + 100
    return bytes > BYTES_MAX
  })
  return tooFar === -1 ? records.length : Math.max(1, tooFar)
}
