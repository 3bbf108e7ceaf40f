import { fullJitterMs } from '@whatsapp-sender/service-runtime'

/**
 * Keys that wait to be processed. A key is always in one of these states:
 *
 * | state               | `add`                | what ends it                                               |
 * | ------------------- | -------------------- | ---------------------------------------------------------- |
 * | idle                | → waiting            |                                                            |
 * | waiting             | stays                | a free worker takes it → processing                        |
 * | processing          | → processing + dirty | the run ends → idle, after a failure with a retry that comes |
 * | processing + dirty  | stays                | the run ends → waiting                                     |
 *
 * So one key is never processed twice at once, and what was added during a run leads to exactly one more. A run that
 * fails is repeated after a pause that grows with each failure in a row; a success forgets them.
 */
export type WorkQueue = Readonly<{
  add(key: string): void
  /** `add` in so many milliseconds; of several the earliest counts. Kept whatever happens to the key until then. */
  addAfter(key: string, delayMs: number): void
  start(): void
  /** Begins nothing any more. Resolves when the runs under way have ended. */
  stop(): Promise<void>
  /** For metrics: keys that a worker could take now, those being processed, those that failed last. */
  state(): Readonly<{ waiting: number; processing: number; failing: number }>
}>

/** Calls back once, after so many milliseconds; the answer prevents it. */
export type Schedule = (callback: () => void, delayMs: number) => () => void

type Failure = { attempts: number; cancelRetry(): void }

export function createWorkQueue({
  process,
  workers,
  onError,
  baseMs = 1000,
  capMs = 300_000,
  now = () => performance.now(),
  schedule = scheduleByTimer,
  random = Math.random,
}: Readonly<{
  /** Brings one key to where it should be. What it throws is told to `onError`, and the key is tried again. */
  process(key: string): Promise<void>
  /** How many keys are processed at the same time. */
  workers: number
  onError(key: string, error: unknown, retry: Readonly<{ attempts: number; delayMs: number }>): void
  /** Bounds of the pause before a retry, which is evenly random from 0 to min(cap, base · 2^(failures − 1)). */
  baseMs?: number
  capMs?: number
  /** Monotonic, ms. */
  now?(): number
  schedule?: Schedule
  random?(): number
}>): WorkQueue {
  const waiting = new Set<string>()
  const processing = new Set<string>()
  const dirty = new Set<string>()
  const delays = new Map<string, { dueAt: number; cancel(): void }>()
  const failures = new Map<string, Failure>()
  let isRunning = false
  let idle = Promise.withResolvers<void>()

  function add(key: string): void {
    if (processing.has(key)) dirty.add(key)
    else waiting.add(key)
    pump()
  }

  function pump(): void {
    while (isRunning && processing.size < workers) {
      const [key] = waiting
      if (key === undefined) return
      waiting.delete(key)
      processing.add(key)
      void run(key)
    }
  }

  async function run(key: string): Promise<void> {
    try {
      await process(key)
      failures.get(key)?.cancelRetry()
      failures.delete(key)
    } catch (error) {
      retryLater(key, error)
    }
    processing.delete(key)
    if (dirty.delete(key)) waiting.add(key)
    if (processing.size === 0) idle.resolve()
    pump()
  }

  function retryLater(key: string, error: unknown): void {
    const last = failures.get(key)
    last?.cancelRetry()
    const attempts = (last?.attempts ?? 0) + 1
    const delayMs = fullJitterMs({ attempt: attempts, baseMs, capMs, random })
    const cancelRetry = isRunning ? schedule(() => add(key), delayMs) : () => undefined
    failures.set(key, { attempts, cancelRetry })
    onError(key, error, { attempts, delayMs })
  }

  function addAfter(key: string, delayMs: number): void {
    const dueAt = now() + delayMs
    const pending = delays.get(key)
    if (pending !== undefined && pending.dueAt <= dueAt) return
    pending?.cancel()
    const cancel = schedule(() => {
      delays.delete(key)
      add(key)
    }, delayMs)
    delays.set(key, { dueAt, cancel })
  }

  async function stop(): Promise<void> {
    isRunning = false
    for (const delay of delays.values()) delay.cancel()
    for (const failure of failures.values()) failure.cancelRetry()
    delays.clear()
    if (processing.size === 0) return
    idle = Promise.withResolvers<void>()
    await idle.promise
  }

  return {
    add,
    addAfter,
    start: () => {
      isRunning = true
      pump()
    },
    stop,
    state: () => ({ waiting: waiting.size, processing: processing.size, failing: failures.size }),
  }
}

/** Node's timers fire at once for what is longer than 24.8 days; nothing here is. */
function scheduleByTimer(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}
