/**
 * What one client is told. He is either *live*, and what the hub hands over is written at once, or *behind*, and read from
 * the collection page by page, as fast as he takes it. He begins behind, is live when a page showed all that there was
 * and the hub had nothing for him meanwhile, and falls behind again when he takes less than comes. So of what he has not
 * taken only a buffer of the connection and one page are ever in memory. Whoever takes nothing for `stallMs` is cut.
 */
import type { FeedEvent } from '@whatsapp-sender/contract'
import type { SequencedEvent } from '@whatsapp-sender/store'
import type { EventOutlet } from '../http/event-outlet.ts'

/** `last`: as far as the page has looked. `isWhole`: there was no more. */
export type EventPage = Readonly<{ events: readonly SequencedEvent[]; last: number; isWhole: boolean }>

export type StreamEnd = 'client' | 'refused' | 'slow' | 'stopping' | 'failed'

export type EventStream = Readonly<{
  take(events: readonly SequencedEvent[]): void
  /** Tells the client, by a `code` of the API's problems, why it ends. */
  end(why: StreamEnd, code: string): void
}>

export function createEventStream(o: {
  outlet: EventOutlet
  /** The place that the client has seen. */
  from: number
  seal(seq: number): string
  matches(event: FeedEvent): boolean
  /** What matches after a place. */
  read(after: number): Promise<EventPage>
  /** Resolves when what comes from now on is handed to `take`. */
  join(stream: EventStream): Promise<void>
  /** Why the client may not go on, by a `code`. */
  refusal(): Promise<string | undefined>
  heartbeatMs: number
  stallMs: number
  onEnd(why: StreamEnd, err?: unknown): void
}): EventStream {
  let cursor = o.from
  let isLive = false
  /** There may be something for him that he was not told. */
  let isBehind = true
  let hasEnded = false

  const stream: EventStream = {
    take: (events) => {
      if (!isLive) isBehind = true
      else if (!events.every(tellOnce)) void catchUp()
    },
    end: (why, code) => end(why, `event: end\ndata: ${JSON.stringify({ code })}\n\n`),
  }
  const heart = setInterval(() => void beat(), o.heartbeatMs)
  o.outlet.onGone(() => end('client'))
  o.outlet.write(`retry: 3000\n${idOf(cursor)}\n\n`)
  void o.join(stream).then(catchUp)
  return stream

  /** False when he should not be told more for now. */
  function tellOnce({ seq, event }: SequencedEvent): boolean {
    if (seq <= cursor) return true
    cursor = seq
    return !o.matches(event) || tell({ seq, event })
  }

  function tell({ seq, event }: SequencedEvent): boolean {
    return o.outlet.write(`${idOf(seq)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  }

  async function catchUp(): Promise<void> {
    isLive = false
    try {
      if (!(await o.outlet.drained(o.stallMs))) return end('slow')
      do {
        isBehind = false
        if (!(await tellPage(await o.read(cursor)))) return end('slow')
      } while (isBehind && !hasEnded)
      isLive = true
    } catch (err) {
      end('failed', 'event: end\ndata: {"code":"unavailable"}\n\n', err)
    }
  }

  /** False when he did not take it in time. */
  async function tellPage({ events, last, isWhole }: EventPage): Promise<boolean> {
    for (const each of events) {
      if (hasEnded) return true
      cursor = each.seq
      if (!tell(each) && !(await o.outlet.drained(o.stallMs))) return false
    }
    cursor = Math.max(cursor, last)
    if (!isWhole) isBehind = true
    return true
  }

  /** Keeps the way open, shows a dead one, and tells how far he has come: also past what was not for him. */
  async function beat(): Promise<void> {
    const code = await o.refusal()
    if (hasEnded) return
    if (code !== undefined) return stream.end('refused', code)
    if (isLive && !o.outlet.write(`:\n${idOf(cursor)}\n\n`)) void catchUp()
  }

  function idOf(seq: number): string {
    return `id: ${o.seal(seq)}`
  }

  function end(why: StreamEnd, lastWords?: string, err?: unknown): void {
    if (hasEnded) return
    hasEnded = true
    clearInterval(heart)
    if (lastWords === undefined) o.outlet.cut()
    else o.outlet.end(lastWords)
    o.onEnd(why, err)
  }
}
