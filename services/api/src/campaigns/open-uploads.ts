import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ProblemError } from '../http/problem.ts'
import { inTime } from '../in-time.ts'

/**
 * The files that come in now, in this process. Each holds one chunk of rows in memory and takes as long as it takes, so
 * their number is bounded, and whoever sends nothing for a while is cut.
 */
export type OpenUploads = Readonly<{
  name: string
  /** Cuts all, and lets no more in. */
  stop(): Promise<void>
  /** @throws {ProblemError} 429 when the user has one already, 503 when the process has too many, or stops */
  enter(req: IncomingMessage, user: string): Upload
  /** Whether a request on this connection may take longer than others. */
  isOn(socket: Duplex): boolean
}>

export type Upload = Readonly<{
  /** The bytes of the body. Throws a ProblemError when they stop coming. */
  body: AsyncIterable<Uint8Array>
  leave(): void
}>

export type UploadLimits = Readonly<{ perUserMax: number; allMax: number; stallMs: number }>

export function createOpenUploads({ perUserMax, allMax, stallMs }: UploadLimits): OpenUploads {
  const open = new Map<IncomingMessage, string>()
  const sockets = new WeakSet<Duplex>()
  let isStopping = false

  function refuseBeyondLimits(user: string): void {
    if (isStopping) throw new ProblemError('unavailable', 'This process ends. Try again.', { retryAfterSeconds: 1 })
    if (open.size >= allMax) {
      throw new ProblemError('overloaded', 'Too many files are being uploaded.', { retryAfterSeconds: 30 })
    }
    if ([...open.values()].filter((other) => other === user).length >= perUserMax) {
      throw new ProblemError('too-many-requests', 'Another file of yours is being uploaded.', { retryAfterSeconds: 30 })
    }
  }

  return {
    name: 'campaign uploads',
    stop: async () => {
      isStopping = true
      for (const req of open.keys()) req.destroy()
    },
    enter: (req, user) => {
      refuseBeyondLimits(user)
      open.set(req, user)
      sockets.add(req.socket)
      const leave = () => {
        open.delete(req)
        sockets.delete(req.socket)
      }
      return { body: withoutStalls(req, stallMs), leave }
    },
    isOn: (socket) => sockets.has(socket),
  }
}

async function* withoutStalls(req: IncomingMessage, stallMs: number): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = req.iterator({ destroyOnReturn: false })
  try {
    for (;;) {
      const next = await inTime(chunks.next(), stallMs)
      if (next.kind === 'overdue') throw new ProblemError('request-timeout', 'The file stopped coming.')
      if (next.kind === 'failed') throw cutOff(next.error)
      if (next.value.done) break
      yield next.value.value
    }
  } finally {
    // Whoever answers may want to read on. Not waited for: it may never come.
    void chunks.return?.()
  }
  // A connection that ends early may look like an end.
  if (!req.complete) throw cutOff(undefined)
}

function cutOff(cause: unknown): ProblemError {
  const message = 'was cut off'
  return new ProblemError('invalid-request', `body: ${message}`, { errors: [{ field: 'body', message }], cause })
}
