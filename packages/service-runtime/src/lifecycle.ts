import type { Logger } from './logger.ts'

/**
 * Something to start and to stop. A `start` that throws has cleaned up after itself. `stop` is called at most once, after
 * `start` has succeeded, or while `start` hangs and the service must go.
 */
export type Part = Readonly<{ name: string; start?(): Promise<void>; stop?(): Promise<void> }>

export type Lifecycle = Readonly<{
  /** @throws what the first failing part threw, when the parts before it have stopped */
  start(): Promise<void>
  /** One promise for every caller. @throws {StopError} after all parts were asked and some failed or were too slow */
  stop(): Promise<void>
  /** True for ever once all parts have started. */
  isStarted(): boolean
  isStopping(): boolean
}>

/** Starts parts in order and stops them in reverse, all of them within `stopTimeoutMs`. `now` is monotonic, in ms. */
export function createLifecycle(o: {
  logger: Logger
  parts: readonly Part[]
  stopTimeoutMs: number
  now?: () => number
}): Lifecycle {
  const { logger, parts, stopTimeoutMs, now = () => performance.now() } = o
  const begun: Part[] = []
  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  let hasStarted = false

  async function startAll(): Promise<void> {
    for (const part of parts) {
      if (stopping !== undefined) throw new Error('Stopped while starting')
      begun.push(part)
      try {
        await part.start?.()
      } catch (err) {
        begun.pop()
        throw err
      }
      logger.debug({ part: part.name }, 'part started')
    }
    hasStarted = true
  }

  async function stopAll(): Promise<void> {
    const deadline = now() + stopTimeoutMs
    await within(starting, Math.min(START_GRACE_MS, stopTimeoutMs)).catch(() => undefined)
    const unclean: string[] = []
    for (const part of begun.toReversed()) {
      try {
        await within(part.stop?.(), Math.max(deadline - now(), LATE_PART_MS))
        logger.debug({ part: part.name }, 'part stopped')
      } catch (err) {
        logger.error({ err, part: part.name }, 'part did not stop')
        unclean.push(part.name)
      }
    }
    if (unclean.length > 0) throw new StopError(unclean)
  }

  function stop(): Promise<void> {
    stopping ??= stopAll()
    return stopping
  }

  async function start(): Promise<void> {
    starting ??= startAll()
    try {
      await starting
    } catch (err) {
      // What could not be stopped is logged already; why the start failed is what the caller must hear.
      await stop().catch(() => undefined)
      throw err
    }
  }

  return { start, stop, isStarted: () => hasStarted, isStopping: () => stopping !== undefined }
}

class StopError extends Error {
  override readonly name = 'StopError'
  readonly code = 'unclean-stop'

  constructor(parts: readonly string[]) {
    super(`Not stopped: ${parts.join(', ')}`)
  }
}

/** How long a stop waits for a start under way. */
const START_GRACE_MS = 2000

/** What each part still gets once the deadline has passed: enough to close a socket. */
const LATE_PART_MS = 1000

async function within(work: Promise<void> | undefined, timeoutMs: number): Promise<void> {
  const overdue = Promise.withResolvers<void>()
  const timer = setTimeout(() => overdue.reject(new Error(`No end after ${Math.round(timeoutMs)} ms`)), timeoutMs)
  try {
    await Promise.race([work, overdue.promise])
  } finally {
    clearTimeout(timer)
  }
}
