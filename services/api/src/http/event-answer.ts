import type { Response } from 'express'
import { type EventOutlet, openEventOutlet } from './event-outlet.ts'
import type { StreamPlace } from './open-streams.ts'

/** One answer of server-sent events that is told step by step. */
export type EventAnswer = Readonly<{
  /** `data` becomes one line of JSON. Returns when the caller has room for more, or is gone. */
  send(event: Readonly<{ event: string; data: unknown }>): Promise<void>
  /** Aborted when there is nobody to write to any more: the caller is gone or takes nothing, the process stops, or `end`. */
  closed: AbortSignal
  end(): void
}>

/** How long a browser waits before it connects anew. */
const RECONNECT_MS = 2000

/**
 * Keeps the place until the answer has ended. The answer begins with the first event: up to then it may be a problem.
 * `stallMs`: a caller who takes nothing for so long is cut.
 */
export function createEventAnswer(
  res: Response,
  { place, heartbeatMs, stallMs }: Readonly<{ place: StreamPlace; heartbeatMs: number; stallMs: number }>,
): EventAnswer {
  const closing = new AbortController()
  let outlet: EventOutlet | undefined
  let heart: NodeJS.Timeout | undefined

  const begun = (): EventOutlet => {
    if (outlet !== undefined) return outlet
    const opened = openEventOutlet(res)
    opened.write(`retry: ${RECONNECT_MS}\n\n`)
    heart = setInterval(() => opened.write(':\n\n'), heartbeatMs)
    outlet = opened
    return opened
  }

  const end = (): void => {
    if (closing.signal.aborted) return
    closing.abort()
    const last = begun()
    clearInterval(heart)
    last.end('')
  }

  res.once('close', () => {
    clearInterval(heart)
    closing.abort()
    place.giveBack()
  })
  const answer: EventAnswer = {
    closed: closing.signal,
    send: async ({ event, data }) => {
      if (closing.signal.aborted) return
      // Of the answer to HEAD there is nothing more.
      if (res.req.method === 'HEAD') return end()
      const isTaken = begun().write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      if (isTaken || (await begun().drained(stallMs))) return
      closing.abort()
      begun().cut()
    },
    end,
  }
  place.keep({ stop: end })
  return answer
}
