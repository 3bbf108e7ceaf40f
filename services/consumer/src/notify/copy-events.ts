import type { EventDraft, Events } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'

/** A page of rows in memory at a time: each at most a record's 64 KiB, and what it has to tell. */
const ROWS_MAX = 500
/** A pass costs five commands, however few rows it finds: what comes meanwhile goes together. */
const GATHER_MS = 100
const LOOK_AGAIN_MS = 250
const LOOK_IDLE_MS = 5000
/** What is told about a message mostly comes within a minute of what was told before. */
const IDLE_AFTER_MS = 60_000

type CopyOutboxes = (
  append: (drafts: readonly EventDraft[]) => Promise<number>,
  limit: number,
) => Promise<Readonly<{ rows: number; head: number | undefined }>>

/**
 * A step that takes what rows have to tell to the events, and answers how long the next may wait. All processes write
 * rows and the others cannot tell this one, so it looks: often while there is something, seldom when there has not been
 * for long.
 */
export function createCopyEvents({
  outboxes,
  events,
  isActive,
  clock,
  onCopied,
}: Readonly<{
  outboxes: readonly Readonly<{ copyOutboxes: CopyOutboxes }>[]
  events: Pick<Events, 'append' | 'noteHead'>
  isActive(): boolean
  clock: Pick<Clock, 'monotonic' | 'storeNow'>
  /** `head`: the newest place of the sequence. */
  onCopied(head: number): void
}>) {
  let foundAt = Number.NEGATIVE_INFINITY
  let unnoted: number | undefined
  let isIdle = false
  const append = (drafts: readonly EventDraft[]) => events.append(drafts, new Date(clock.storeNow()))

  const copyAll = async () => {
    let most = 0
    let newest: number | undefined
    for (const { copyOutboxes } of outboxes) {
      const { rows, head } = await copyOutboxes(append, ROWS_MAX)
      most = Math.max(most, rows)
      newest = head ?? newest
    }
    return { rows: most, head: newest }
  }

  const step = async (): Promise<number> => {
    isIdle = false
    if (!isActive()) return LOOK_AGAIN_MS
    const { rows, head } = await copyAll()
    if (head !== undefined) {
      foundAt = clock.monotonic()
      unnoted = head
      onCopied(head)
      return rows < ROWS_MAX ? GATHER_MS : 0
    }
    if (unnoted !== undefined) {
      await events.noteHead(unnoted)
      unnoted = undefined
    }
    isIdle = clock.monotonic() - foundAt >= IDLE_AFTER_MS
    return isIdle ? LOOK_IDLE_MS : LOOK_AGAIN_MS
  }
  /** `isIdle`: it looks seldom now. */
  return { step, isIdle: () => isIdle }
}
