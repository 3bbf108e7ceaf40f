import { setTimeout as sleep } from 'node:timers/promises'
import { fullJitterMs, type Part } from '@whatsapp-sender/service-runtime'

/** What the database has to hold before people can come in. Tried in the background until the database is there. */
export function createDatabaseSetup(o: { setUp(): Promise<void>; onWaiting(err: unknown): void }): Part {
  const stopped = new AbortController()
  let running: Promise<void> | undefined

  async function setUpUntilDone(): Promise<void> {
    for (let attempt = 1; !stopped.signal.aborted; attempt++) {
      try {
        return await o.setUp()
      } catch (err) {
        o.onWaiting(err)
      }
      const delayMs = 200 + fullJitterMs({ attempt, baseMs: 500, capMs: 10_000 })
      await sleep(delayMs, undefined, { signal: stopped.signal }).catch(() => {})
    }
  }

  return {
    name: 'database set-up',
    start: async () => {
      running = setUpUntilDone()
    },
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}
