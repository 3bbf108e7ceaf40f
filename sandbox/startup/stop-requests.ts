const HURRY_AFTER_MS = 1000

export type StopRequests = Readonly<{
  /** Aborted by the first signal, or when the process that started this one is gone. */
  stop: AbortSignal
  /** Resolves together with `stop`. */
  stopped: Promise<void>
  /** Aborted by a signal that comes while the stop goes on: the user waits no longer. */
  hurry: AbortSignal
}>

/** Listens for the signals that end a program from a terminal. */
export function stopRequests(): StopRequests {
  const stop = new AbortController()
  const hurry = new AbortController()
  const { promise: stopped, resolve } = Promise.withResolvers<void>()
  let firstAt = 0
  const request = (): void => {
    if (!stop.signal.aborted) {
      firstAt = performance.now()
      stop.abort()
      resolve()
      return
    }
    // One Ctrl-C may come twice, from the terminal and from the parent.
    if (performance.now() - firstAt > HURRY_AFTER_MS) hurry.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, request)
  process.on('disconnect', request)
  return { stop: stop.signal, stopped, hurry: hurry.signal }
}
