import { type WaitingReason, waitingReasonOf } from '@whatsapp-sender/contract'
import type { Instance, Ledger, WaitingMessages } from '@whatsapp-sender/store'

type InstanceById = (id: string) => Pick<Instance, 'name' | 'owner' | 'paused' | 'state' | 'deletedAt'> | undefined

/** Instances that are named, worst first. */
const NAMED_MAX = 5

/** What is open in the ledger: how much of it waits and for what, and whose messages have waited longest. */
export function waitingMessages(
  { waiting, isWhole }: Awaited<ReturnType<Ledger['countWaiting']>>,
  instanceById: InstanceById,
) {
  const waitingFor: Record<WaitingReason, number> = { schedule: 0, retry: 0, paused: 0, instance: 0, turn: 0 }
  let sending = 0
  for (const group of waiting) {
    if (group.state === 'sending') sending += group.count
    else waitingFor[waitingReasonOf(group.state, instanceById(group.instanceId))] += group.count
  }
  const longestWaiting = longestWaitingOf(waiting, instanceById)
  return { waitingFor, sending, oldestDueAt: oldestOf(waiting) ?? null, isWhole, longestWaiting }
}

/** Instances with messages whose time has come; those first whose oldest one has been due for longest. */
function longestWaitingOf(waiting: readonly WaitingMessages[], instanceById: InstanceById) {
  const late = waiting.filter(({ state }) => state === 'ready' || state === 'retry')
  return [...Map.groupBy(late, ({ instanceId }) => instanceId)]
    .map(([id, groups]) => ({
      id,
      // What is ready could go but for this reason; a retry only waits for its time.
      state: groups.some(({ state }) => state === 'ready') ? ('ready' as const) : ('retry' as const),
      waiting: groups.reduce((total, { count }) => total + count, 0),
      oldestDueAt: oldestOf(groups) ?? null,
    }))
    .sort((a, b) => ageOf(a.oldestDueAt) - ageOf(b.oldestDueAt) || b.waiting - a.waiting)
    .slice(0, NAMED_MAX)
    .map(({ id, state, ...counts }) => {
      const instance = instanceById(id)
      return {
        instance: instance?.name ?? id,
        user: instance?.owner ?? null,
        waitingFor: waitingReasonOf(state, instance),
        ...counts,
      }
    })
}

/** Only retries wait: after all that is due. */
function ageOf(oldestDueAt: Date | null): number {
  return oldestDueAt?.getTime() ?? Number.MAX_SAFE_INTEGER
}

function oldestOf(groups: readonly WaitingMessages[]): Date | undefined {
  let oldest: Date | undefined
  for (const { oldestDueAt: at } of groups) if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at
  return oldest
}
