import { setTimeout as sleep } from 'node:timers/promises'
import type { Exit, RunningProcess } from '../process/running-process.ts'

export type Supervised = Readonly<{
  pid(): number
  stop(): Promise<void>
}>

/** What happened to a process that nobody asked to end. */
export type Mishap =
  | Readonly<{ kind: 'died'; exit: Exit; lastLines: string }>
  | Readonly<{ kind: 'restarted'; afterMs: number }>
  | Readonly<{ kind: 'restart-failed'; error: unknown }>

const LINES_SHOWN = 10
/** A process that lived this long is healthy: its next restart counts as the first. */
const HEALTHY_AFTER_MS = 60_000

/** Keeps `first` running: starts it again, later and later, whenever it ends before `stop`. */
export function supervise<P extends RunningProcess>(
  first: P,
  o: {
    restart(previous: P, signal: AbortSignal): Promise<P>
    restartDelayMs(attempt: number): number
    onMishap(mishap: Mishap): void
  },
): Supervised {
  const stopping = new AbortController()
  let current = first
  const watched = watch()

  async function watch(): Promise<void> {
    let attempt = 0
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      const exit = await current.exited
      if (stopping.signal.aborted) return
      o.onMishap({ kind: 'died', exit, lastLines: await current.lastLines(LINES_SHOWN) })
      attempt = performance.now() - startedAt > HEALTHY_AFTER_MS ? 1 : attempt + 1
      attempt = await restart(attempt)
    }
  }

  /** Tries until it runs or `stop` is called; the number of attempts it took. */
  async function restart(firstAttempt: number): Promise<number> {
    const diedAt = performance.now()
    for (let attempt = firstAttempt; ; attempt++) {
      try {
        await sleep(o.restartDelayMs(attempt), undefined, { signal: stopping.signal })
        current = await o.restart(current, stopping.signal)
        o.onMishap({ kind: 'restarted', afterMs: performance.now() - diedAt })
        return attempt
      } catch (error) {
        if (stopping.signal.aborted) return attempt
        o.onMishap({ kind: 'restart-failed', error })
      }
    }
  }

  return {
    pid: () => current.pid,
    async stop() {
      stopping.abort()
      await current.stop()
      await watched
      // A restart may have succeeded while the old process was being stopped.
      await current.stop()
    },
  }
}
