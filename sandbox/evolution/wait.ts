/** Timers here never keep a stopped sandbox's process alive. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.min(ms, TIMER_MS_MAX)).unref()
  })
}

/** A timer asked for more fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** What a caller gets from a server that is waiting for a black hole: nothing, until he gives up. */
export function silence(): Promise<never> {
  return new Promise(() => undefined)
}
