import type { EventDraft, Events, Ledger } from '@whatsapp-sender/store'
import type { Clock } from '../dispatch/clock.ts'

/** A page of rows in memory at a time: each at most a record's 64 KiB, and what it has to tell. */
const ROWS_MAX = 500
/** A pass costs four commands, however few rows it finds: what comes meanwhile goes together. */
const GATHER_MS = 100
const LOOK_AGAIN_MS = 250
const LOOK_IDLE_MS = 5000
/** What is told about a message mostly comes within a minute of what was told before. */
const IDLE_AFTER_MS = 60_000

/**
 * A step that takes what rows have to tell to the events, and answers how long the next may wait. All processes write
 * rows and the others cannot tell this one, so it looks: often while there is something, seldom when there has not been
 * for long.
 */
export function createCopyEvents({
  ledger,
  events,
  isActive,
  clock,
  onCopied,
}: Readonly<{
  ledger: Pick<Ledger, 'copyOutboxes'>
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

  const step = async (): Promise<number> => {
    isIdle = false
    if (!isActive()) return LOOK_AGAIN_MS
    const { rows, head } = await ledger.copyOutboxes(append, ROWS_MAX)
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
