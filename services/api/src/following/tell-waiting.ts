import type { MessageEventType } from '@whatsapp-sender/contract'
import type { Ledger, SequencedEvent, WaitingMessage } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import { waitingOf } from '../messages/message-waiting.ts'
import type { ReadSurroundingsOfAll } from '../messages/read-surroundings.ts'

/** Says of each event after which a message waits what it waits for now. The others, and their order, stay as they are. */
export type TellWaiting = (events: readonly SequencedEvent[]) => Promise<SequencedEvent[]>

const WAITS_AFTER: ReadonlySet<MessageEventType> = new Set(['message.scheduled', 'message.queued', 'message.retrying'])

const TIMEOUT_MS = 1000

/**
 * One read of the messages and one of what is around them for all events that are given. What has left by now, and what
 * another event is already told of, waits for nothing; nor is it said when the database does not tell in time.
 */
export function createTellWaiting(o: {
  findWaiting: Ledger['waiting']
  readSurroundingsOfAll: ReadSurroundingsOfAll
}): TellWaiting {
  return async (events) => {
    const waiting = await waitingAfter(events)
    if (waiting.size === 0) return [...events]
    const surroundingsOf = await o.readSurroundingsOfAll([...waiting.values()])
    const now = Date.now()
    return events.map((told) => {
      const row = waiting.get(told.event.id)
      if (row === undefined) return told
      return { ...told, event: { ...told.event, ...waitingOf(row, surroundingsOf(row), now) } }
    })
  }

  /** By the event's id. */
  async function waitingAfter(events: readonly SequencedEvent[]): Promise<ReadonlyMap<string, WaitingMessage>> {
    const asked = events.flatMap(({ event }) => ('message' in event && WAITS_AFTER.has(event.type) ? [event] : []))
    if (asked.length === 0) return new Map()
    const found = await inTime(o.findWaiting([...new Set(asked.map(({ message }) => message.id))]), TIMEOUT_MS)
    if (found.kind !== 'done') return new Map()
    const byMessage = new Map(found.value.map((row) => [row.id, row]))
    return new Map(
      asked.flatMap(({ id, n, user, message }) => {
        const row = byMessage.get(message.id)
        return row?.user === user && row.eventCount === n ? [[id, row] as const] : []
      }),
    )
  }
}
