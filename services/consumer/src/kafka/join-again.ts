import { setTimeout as wait } from 'node:timers/promises'

/** After a crash that passes: joins until it has, however often it crashes meanwhile. */
export type JoinAgain = () => Promise<void>

/**
 * kafkajs tells of a crash while a consumer is being run, and then lets that run end as if nothing had been: so a crash
 * that comes while this joins counts as a join that failed.
 */
export function createJoinAgain(o: {
  join(): Promise<void>
  isStopped(): boolean
  onFailed(error: unknown): void
  waitMs: number
}): JoinAgain {
  let hasCrashed = false
  let isJoining = false
  return async () => {
    hasCrashed = true
    if (isJoining) return
    isJoining = true
    while (hasCrashed) {
      await wait(o.waitMs)
      if (o.isStopped()) break
      hasCrashed = false
      await o.join().catch((error: unknown) => {
        hasCrashed = true
        o.onFailed(error)
      })
    }
    isJoining = false
  }
}
