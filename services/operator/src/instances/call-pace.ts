import { setTimeout as wait } from 'node:timers/promises'

/** Lets through `perSecond` on average, after a silence `burst` at once; who comes too early waits in turn. */
export function createCallPace({
  perSecond,
  burst,
  now = () => performance.now(),
  sleep = wait,
}: Readonly<{
  perSecond: number
  burst: number
  /** Monotonic, ms. */
  now?(): number
  sleep?(ms: number): Promise<unknown>
}>): () => Promise<void> {
  const stepMs = 1000 / perSecond
  let fullAt = Number.NEGATIVE_INFINITY
  return async () => {
    const at = now()
    fullAt = Math.max(fullAt, at - burst * stepMs) + stepMs
    if (fullAt > at) await sleep(fullAt - at)
  }
}
