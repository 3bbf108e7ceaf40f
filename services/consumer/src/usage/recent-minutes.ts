import type { Outcome, RecentCounts } from '@whatsapp-sender/store'

const SLOT_MS = 10_000
const SLOTS = 30

/** What happened here within the last five minutes, give or take ten seconds. `now`: monotonic ms. */
export function createRecentMinutes(now: () => number) {
  const slots = Array.from({ length: SLOTS }, () => ({ turn: -1, accepted: 0, sent: 0, failed: 0 }))
  const current = () => {
    const turn = Math.floor(now() / SLOT_MS)
    const slot = slots[turn % SLOTS]
    if (slot === undefined) throw new Error('there is no such slot')
    if (slot.turn !== turn) Object.assign(slot, { turn, accepted: 0, sent: 0, failed: 0 })
    return slot
  }
  return {
    accepted: (messages: number): void => {
      current().accepted += messages
    },
    outcome: ({ status }: Pick<Outcome, 'status'>): void => {
      if (status === 'sent') current().sent += 1
      else if (status !== 'queued') current().failed += 1
    },
    counts: (): RecentCounts => {
      const oldest = Math.floor(now() / SLOT_MS) - SLOTS
      const living = slots.filter(({ turn }) => turn > oldest)
      const sum = (what: keyof RecentCounts) => living.reduce((total, slot) => total + slot[what], 0)
      return { accepted: sum('accepted'), sent: sum('sent'), failed: sum('failed') }
    },
  }
}
