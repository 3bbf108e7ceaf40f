import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { ProblemError } from './problem.ts'

/** One answer of server-sent events. */
export type EventStream = Readonly<{
  /** `data` becomes one line of JSON. Returns when the caller has room for more, or is gone. */
  send(event: Readonly<{ event: string; data: unknown; id?: string | undefined }>): Promise<void>
  /** Aborted when there is nobody to write to any more: the caller is gone, the process stops, or `end`. */
  closed: AbortSignal
  end(): void
}>

/** All of this process. Memory is bounded by their number: each holds one event at most beyond what its socket took. */
export type EventStreams = Readonly<{
  name: string
  /**
   * Takes a place until the answer has ended. The answer begins with the first event: up to then it may be a problem.
   * @throws {ProblemError} 429 when the user has too many, 503 when the process has, or stops
   */
  open(res: ServerResponse, user: string): EventStream
  /** Ends all; a client that reads on connects anew, elsewhere. */
  stop(): Promise<void>
}>

const PER_USER_MAX = 10
const TOTAL_MAX = 1000

/** Below the 30 s after which the first proxies cut a connection that is silent. */
const HEARTBEAT_MS = 15_000

/** How long a browser waits before it connects anew. */
const RECONNECT_MS = 2000

export function createEventStreams({
  perUserMax = PER_USER_MAX,
  totalMax = TOTAL_MAX,
  heartbeatMs = HEARTBEAT_MS,
}: Readonly<{ perUserMax?: number; totalMax?: number; heartbeatMs?: number }> = {}): EventStreams {
  const open = new Set<Readonly<{ user: string; end(): void }>>()
  let stopping = false

  function refuseBeyondLimits(user: string): void {
    if (stopping) {
      throw new ProblemError('unavailable', 'This process ends. Connect again.', { retryAfterSeconds: 1 })
    }
    if (open.size >= totalMax) {
      throw new ProblemError('overloaded', 'Too many event streams are open.', { retryAfterSeconds: 30 })
    }
    const ofUser = [...open].filter((stream) => stream.user === user).length
    if (ofUser >= perUserMax) {
      throw new ProblemError('too-many-requests', `Only ${perUserMax} event streams may be open at once.`, {
        retryAfterSeconds: 30,
      })
    }
  }

  return {
    name: 'event streams',
    open: (res, user) => {
      refuseBeyondLimits(user)
      const stream = createEventStream(res, heartbeatMs)
      const entry = { user, end: stream.end }
      open.add(entry)
      res.once('close', () => open.delete(entry))
      return stream
    },
    stop: async () => {
      stopping = true
      for (const { end } of open) end()
    },
  }
}

function createEventStream(res: ServerResponse, heartbeatMs: number): EventStream {
  const closing = new AbortController()
  let heartbeat: NodeJS.Timeout | undefined

  const begin = (): void => {
    res.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would keep events until it has a page of them.
      'X-Accel-Buffering': 'no',
    })
    res.write(`retry: ${RECONNECT_MS}\n\n`)
    heartbeat = setInterval(() => {
      if (!res.writableNeedDrain) res.write(': \n\n')
    }, heartbeatMs)
  }

  const end = (): void => {
    if (closing.signal.aborted) return
    closing.abort()
    if (!res.headersSent) begin()
    clearInterval(heartbeat)
    res.end()
  }

  res.once('close', () => {
    clearInterval(heartbeat)
    closing.abort()
  })
  return {
    closed: closing.signal,
    send: async ({ event, data, id }) => {
      if (closing.signal.aborted) return
      if (!res.headersSent) begin()
      // Of the answer to HEAD there is nothing more.
      if (res.req.method === 'HEAD') return end()
      const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
      if (res.write(text)) return
      await once(res, 'drain', { signal: closing.signal }).catch(() => {})
    },
    end,
  }
}
