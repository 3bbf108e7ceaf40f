import type { Request } from 'express'
import { ProblemError } from './problem.ts'

/**
 * Files on their way in and out of this process. Each holds a megabyte or two, so their number bounds the memory. They
 * may take longer than other requests.
 */
export type Transfers = Readonly<{
  name: string
  /**
   * `signal` is aborted, with a ProblemError, when it has to end.
   * @throws {ProblemError} 429 when the user has too many, 503 when the process has, or stops
   */
  run<T>(o: Readonly<{ req: Request; user: string }>, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Whether Node's bound on the time of a request does not hold here: a transfer has its own. */
  has(socket: unknown): boolean
  /** Breaks all off, and lets no more begin. */
  stop(): Promise<void>
}>

const PER_USER_MAX = 4
const ALL_MAX = 64

/** 100 MB at 1 Mbit/s. */
export const TRANSFER_MAX_MS = 900_000

export function createTransfers({
  perUserMax = PER_USER_MAX,
  allMax = ALL_MAX,
  timeMaxMs = TRANSFER_MAX_MS,
}: Readonly<{ perUserMax?: number; allMax?: number; timeMaxMs?: number }> = {}): Transfers {
  const running = new Map<AbortController, string>()
  const sockets = new WeakSet<object>()
  let isStopping = false

  function refuseBeyondLimits(user: string): void {
    if (isStopping) throw ended()
    if (running.size >= allMax) {
      throw new ProblemError('overloaded', 'Too many files are on their way.', { retryAfterSeconds: 5 })
    }
    if ([...running.values()].filter((each) => each === user).length >= perUserMax) {
      const message = `Only ${perUserMax} files may be on their way at once.`
      throw new ProblemError('too-many-requests', message, { retryAfterSeconds: 5 })
    }
  }

  return {
    name: 'transfers of files',
    run: async ({ req: { socket }, user }, work) => {
      refuseBeyondLimits(user)
      const transfer = new AbortController()
      const timer = setTimeout(() => transfer.abort(tooSlow()), timeMaxMs)
      running.set(transfer, user)
      sockets.add(socket)
      try {
        return await work(transfer.signal)
      } finally {
        clearTimeout(timer)
        running.delete(transfer)
        sockets.delete(socket)
      }
    },
    has: (socket) => typeof socket === 'object' && socket !== null && sockets.has(socket),
    stop: async () => {
      isStopping = true
      for (const transfer of running.keys()) transfer.abort(ended())
    },
  }
}

function ended(): ProblemError {
  return new ProblemError('unavailable', 'This process ends. Send the file again.', { retryAfterSeconds: 1 })
}

function tooSlow(): ProblemError {
  return new ProblemError('request-timeout', 'The file did not arrive in time.')
}
