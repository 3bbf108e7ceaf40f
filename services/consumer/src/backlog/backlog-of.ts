import { type WaitingReason, waitingReasonOf } from '@whatsapp-sender/contract'
import type { Instance, Ledger } from '@whatsapp-sender/store'

/** `uncounted`: unfinished ones beyond those that were looked at; with them the sum is exact. */
export const UNFINISHED = ['scheduled', 'queued', 'sending', 'uncounted'] as const

/** What is unfinished, and what ended and is asked about. `oldestTurnAt`: since when the first that only waits for its turn could go. */
export type Backlog = Readonly<{
  unfinished: Readonly<Record<(typeof UNFINISHED)[number], number>>
  waiting: Readonly<Record<WaitingReason, number>>
  oldestTurnAt: Date | undefined
  deadLetters: number
  kept: number
}>

export function backlogOf(
  { waiting: groups }: Awaited<ReturnType<Ledger['countWaiting']>>,
  { open, deadLetters, kept }: Awaited<ReturnType<Ledger['countRows']>>,
  instanceById: (id: string) => Pick<Instance, 'paused' | 'state' | 'deletedAt'> | undefined,
): Backlog {
  const unfinished = { scheduled: 0, queued: 0, sending: 0 }
  const waiting = { schedule: 0, retry: 0, paused: 0, instance: 0, turn: 0 } satisfies Record<WaitingReason, number>
  let oldestTurnAt: Date | undefined
  for (const { state, instanceId, count, oldestDueAt } of groups) {
    unfinished[state === 'scheduled' || state === 'sending' ? state : 'queued'] += count
    if (state === 'sending') continue
    const reason = waitingReasonOf(state, instanceById(instanceId))
    waiting[reason] += count
    if (reason === 'turn' && oldestDueAt !== undefined && !(oldestTurnAt && oldestTurnAt <= oldestDueAt))
      oldestTurnAt = oldestDueAt
  }
  const counted = unfinished.scheduled + unfinished.queued + unfinished.sending
  return {
    unfinished: { ...unfinished, uncounted: Math.max(0, open - counted) },
    waiting,
    oldestTurnAt,
    deadLetters,
    kept,
  }
}
