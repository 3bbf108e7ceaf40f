import { setTimeout as wait } from 'node:timers/promises'

const PAUSE_MS = 200

/** Does `work` again and again until `meanwhile` has ended, however that ends; what comes of the work is of no account. */
export async function whileRepeating(work: () => Promise<unknown>, meanwhile: () => Promise<void>): Promise<void> {
  let ended = false
  const repeat = async () => {
    while (!ended) {
      await work().catch(() => undefined)
      await wait(PAUSE_MS)
    }
  }
  const working = repeat()
  try {
    await meanwhile()
  } finally {
    ended = true
    await working
  }
}
