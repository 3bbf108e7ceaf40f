import type { Part } from '@whatsapp-sender/service-runtime'
import type { IngestedMessage, LaneRow, Outcome, RecentCounts, Store } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'
import { createCountUsage } from './count-usage.ts'
import { createRecentMinutes } from './recent-minutes.ts'

/** Counts what becomes of messages: by day for their users, and of late for whoever runs this. */
export function createUsage({
  store,
  clock,
  onError,
}: Readonly<{
  store: Pick<Store, 'usage'>
  clock: Pick<Clock, 'monotonic' | 'storeNow'>
  onError(error: unknown): void
}>): Part &
  Readonly<{
    accepted(messages: readonly IngestedMessage[]): void
    outcome(row: LaneRow, outcome: Pick<Outcome, 'status'>): void
    recent(): RecentCounts
  }> {
  const days = createCountUsage({ add: store.usage.add, storeNow: clock.storeNow, onError })
  const recent = createRecentMinutes(clock.monotonic)
  return {
    name: days.name,
    start: days.start,
    stop: days.stop,
    accepted: (messages) => {
      days.accepted(messages)
      recent.accepted(messages.length)
    },
    outcome: (row, outcome) => {
      days.outcome(row, outcome)
      recent.outcome(outcome)
    },
    recent: recent.counts,
  }
}
