import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageRow } from '@whatsapp-sender/store'

export type FindMessage = (user: string, id: string) => Promise<MessageRow | undefined>

/** A message accepted a moment ago is on its way from the log to the ledger. */
const WAIT_MS = 1500
const POLL_MS_MIN = 50
const POLL_MS_MAX = 200
/** More callers than this do not wait: whoever asks for ids that do not exist must not fill the API with polls. */
const WAITERS_MAX = 200

export function createFindMessage(o: {
  ledger: { findOwned(user: string, id: string): Promise<MessageRow | undefined> }
  now?: () => number
}): FindMessage {
  const { now = () => performance.now() } = o
  let waiters = 0
  return async (user, id) => {
    const found = await o.ledger.findOwned(user, id)
    if (found !== undefined || waiters >= WAITERS_MAX) return found
    waiters++
    try {
      return await pollUntilFound(user, id)
    } finally {
      waiters--
    }
  }

  async function pollUntilFound(user: string, id: string): Promise<MessageRow | undefined> {
    const endsAt = now() + WAIT_MS
    for (let pauseMs = POLL_MS_MIN; now() + pauseMs <= endsAt; pauseMs = Math.min(POLL_MS_MAX, pauseMs * 1.5)) {
      await sleep(pauseMs)
      const found = await o.ledger.findOwned(user, id)
      if (found !== undefined) return found
    }
    return undefined
  }
}
