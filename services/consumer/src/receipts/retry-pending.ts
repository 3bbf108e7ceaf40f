import { setTimeout as wait } from 'node:timers/promises'
import type { Ledger, PendingReceipt, PendingReceipts, Receipt, SentEvidence } from '@whatsapp-sender/store'
import type { ReceiptEvents } from './receipt-events.ts'

type PendingJoin = PendingReceipt & Receipt
type PendingEvidence = PendingReceipt & SentEvidence

const PAGE = 500
const EVERY_MS = 500
/** The first tries of an event come within half a minute. Later ones, and those of a process that is gone, have time. */
const WATCHFUL_MS = 40_000
const IDLY_MS = 10_000
const AFTER_ERROR_MS = 2000
const KEPT_MS = 60 * 60 * 1000

type RetryOptions = Readonly<{
  ledger: Pick<Ledger, 'applyReceipts' | 'providerIdsKnown'>
  pendingReceipts: Pick<PendingReceipts, 'due' | 'done' | 'retryLater'>
  events: Pick<ReceiptEvents, 'receiptsJoined' | 'receiptsDropped' | 'receiptsDelayed'>
  /** Evidence of messages that no row knows of, yet. */
  onEvidence(evidence: readonly PendingEvidence[]): Promise<void>
  /** Monotonic, ms. */
  now?: () => number
  /** Ends at the signal as well, and never rejects. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>
}>

export type PendingRetries = Readonly<{
  start(): void
  stop(): Promise<void>
  /** Something was put aside just now. */
  wake(): void
}>

/** Joins receipts that came before their row, until they are an hour old. */
export function createPendingRetries(options: RetryOptions): PendingRetries {
  const { events, now = () => performance.now(), pause = pauseUntil } = options
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  let wokenAt = now()
  let endPause = (): void => {}

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let isMore = false
      let hasFailed = false
      try {
        isMore = (await retryDue(options)) === PAGE
      } catch (error) {
        events.receiptsDelayed(error)
        hasFailed = true
      }
      if (hasFailed) await rest(AFTER_ERROR_MS)
      else if (!isMore) await rest(now() - wokenAt < WATCHFUL_MS ? EVERY_MS : IDLY_MS)
    }
  }

  const rest = async (ms: number): Promise<void> => {
    const woken = new AbortController()
    // Short waits are waited to their end: under load something is put aside all the time.
    endPause = ms === IDLY_MS ? () => woken.abort() : () => {}
    await pause(ms, AbortSignal.any([stopping.signal, woken.signal]))
  }

  return {
    start: () => {
      running ??= run()
    },
    stop: async () => {
      stopping.abort()
      await running
    },
    wake: () => {
      wokenAt = now()
      endPause()
    },
  }
}

async function pauseUntil(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {})
}

/** One page of what is due; returns how many there were. Several processes may do the same one: it changes nothing. */
export async function retryDue({ ledger, pendingReceipts, events, onEvidence }: RetryOptions): Promise<number> {
  const due = await pendingReceipts.due(PAGE)
  if (due.length === 0) return 0
  const receipts = due.filter((each): each is PendingJoin => each.status !== 'sent')
  const sent = due.filter((each): each is PendingEvidence => each.status === 'sent')
  const { unknown } = await ledger.applyReceipts(receipts)
  const known = await ledger.providerIdsKnown(sent)

  const unjoinedReceipts = unknown.flatMap((index) => receipts[index] ?? [])
  const unknownSent = sent.filter(({ instanceId, keyId }) => !known.has(`${instanceId}/${keyId}`))
  if (unknownSent.length > 0) await onEvidence(unknownSent)
  const unjoined = new Set([...unjoinedReceipts, ...unknownSent])
  const young = [...unjoined].filter(({ ageMs }) => ageMs < KEPT_MS)
  const waiting = new Set<PendingReceipt>(young)
  await pendingReceipts.retryLater(young)
  await pendingReceipts.done(due.filter((each) => !waiting.has(each)).map(({ id }) => id))

  const joined = receipts.length - unjoinedReceipts.length
  const dropped = unjoinedReceipts.filter((each) => !waiting.has(each)).length
  if (joined > 0) events.receiptsJoined(joined)
  if (dropped > 0) events.receiptsDropped(dropped)
  return due.length
}
