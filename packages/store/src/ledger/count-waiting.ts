import type { MessageCollection } from './message-document.ts'
import { ASKED_MAX_MS } from './user-action.ts'

/**
 * Open messages of one instance. `ready`: nothing in the row keeps it; `retry`: it waits for its next attempt.
 * `oldestDueAt`: since when the first of those that are ready could go.
 */
export type WaitingMessages = Readonly<{
  instanceId: string
  state: 'scheduled' | 'retry' | 'ready' | 'sending'
  count: number
  oldestDueAt: Date | undefined
}>

/** Rows that are looked at; more are not counted. */
const ROWS_MAX = 100_000

/** What is open, by instance. `isWhole`: all of it was counted. */
export async function countWaiting(
  rows: MessageCollection,
): Promise<Readonly<{ waiting: WaitingMessages[]; isWhole: boolean }>> {
  const isLater = { $gt: ['$nextAttemptAt', '$$NOW'] }
  const isShut = { $in: ['$status', ['scheduled', 'sending']] }
  const state = { $cond: [isShut, '$status', { $cond: [isLater, 'retry', 'ready'] }] }
  const dueAt = { $cond: [{ $eq: ['$state', 'ready'] }, { $max: ['$appendedAt', '$nextAttemptAt', '$wokenAt'] }, null] }
  type Group = Readonly<{ _id: Pick<WaitingMessages, 'instanceId' | 'state'>; count: number; oldestDueAt: Date | null }>
  const groups = await rows
    .aggregate<Group>(
      [
        { $match: { open: 1 } },
        { $limit: ROWS_MAX + 1 },
        { $project: { _id: 0, instanceId: 1, appendedAt: 1, nextAttemptAt: 1, wokenAt: 1, state } },
        {
          $group: {
            _id: { instanceId: '$instanceId', state: '$state' },
            count: { $sum: 1 },
            oldestDueAt: { $min: dueAt },
          },
        },
      ],
      { maxTimeMS: ASKED_MAX_MS },
    )
    .toArray()
  const waiting = groups.map(({ _id, count, oldestDueAt }) => ({
    ..._id,
    count,
    oldestDueAt: oldestDueAt ?? undefined,
  }))
  return { waiting, isWhole: waiting.reduce((total, { count }) => total + count, 0) <= ROWS_MAX }
}
