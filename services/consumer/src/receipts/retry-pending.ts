import { setTimeout as wait } from 'node:timers/promises'
import type { Ledger, PendingReceipt, PendingReceipts, Receipt, SentEvidence } from '@whatsapp-sender/store'
import type { ReceiptEvents } from './receipt-events.ts'

type PendingJoin = PendingReceipt & Receipt
type PendingEvidence = PendingReceipt & SentEvidence

const PAGE = 500
const EVERY_MS = 500
const AFTER_ERROR_MS = 2000
const KEPT_MS = 60 * 60 * 1000

type RetryOptions = Readonly<{
  ledger: Pick<Ledger, 'applyReceipts' | 'providerIdsKnown'>
  pendingReceipts: Pick<PendingReceipts, 'due' | 'done' | 'retryLater'>
  events: Pick<ReceiptEvents, 'receiptsJoined' | 'receiptsDropped' | 'receiptsDelayed'>
  /** Evidence of messages that no row knows of, yet. */
  onEvidence(evidence: readonly PendingEvidence[]): Promise<void>
  everyMs?: number
}>

/** Joins receipts that came before their row, until they are an hour old. */
export function createPendingRetries(options: RetryOptions): Readonly<{ start(): void; stop(): Promise<void> }> {
  const { events, everyMs = EVERY_MS } = options
  const stopping = new AbortController()
  let running: Promise<void> | undefined

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let pauseMs = everyMs
      try {
        if ((await retryDue(options)) === PAGE) pauseMs = 0
      } catch (error) {
        events.receiptsDelayed(error)
        pauseMs = AFTER_ERROR_MS
      }
      await wait(pauseMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  return {
    start: () => {
      running ??= run()
    },
    stop: async () => {
      stopping.abort()
      await running
    },
  }
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
