import { ReceiptStatus } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { InstanceDirectory, Ledger, OverdueReceipt, Receipt } from '@whatsapp-sender/store'
import type { ReceiptEvents } from './receipt-events.ts'
import { receiptStatusOf } from './receipt-status.ts'

/** Rows looked at in one sweep; what is more waits for the next one. */
const ROWS_MAX = 5000
/** Questions in one sweep, and of those for one instance: a webhook that is lost must not become a storm of questions. */
const QUESTIONS_MAX = 100
const QUESTIONS_PER_INSTANCE_MAX = 10
const QUESTIONS_AT_ONCE = 4
const EVERY_MAX_MS = 30_000
const EVERY_MIN_MS = 250

export type StuckSweepOptions = Readonly<{
  ledger: Pick<Ledger, 'overdueReceipts' | 'markStuck' | 'applyReceipts'>
  evolution: Pick<EvolutionServers, 'findStatus'>
  directory: Pick<InstanceDirectory, 'byId'>
  stuckAfterMs: number
  storeNow(): number
  owns(instance: string): boolean
  isServerDown(instance: string): boolean
  events: Pick<ReceiptEvents, 'messagesStuck' | 'statusAsked' | 'receiptsJoined' | 'receiptsDelayed'>
}>

/**
 * Marks messages of own instances whose receipt is overdue, and asks Evolution for it; an answer counts as a receipt.
 * When to ask next is written before the question, so whatever becomes of one, it is asked a few times and no more.
 */
export function createStuckSweep(options: StuckSweepOptions) {
  const everyMs = Math.max(EVERY_MIN_MS, Math.min(EVERY_MAX_MS, options.stuckAfterMs / 10))
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  let stopped = false

  const sweep = async (): Promise<void> => {
    try {
      await sweepOnce(options, () => stopped)
    } catch (error) {
      options.events.receiptsDelayed(error)
    }
    if (!stopped) timer = setTimeout(next, everyMs)
  }
  const next = (): void => {
    sweeping = sweep()
  }

  return {
    name: 'stuck sweep',
    start: async () => next(),
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await sweeping
    },
  }
}

export async function sweepOnce(options: StuckSweepOptions, isStopped = () => false): Promise<void> {
  const { ledger, storeNow, owns, events } = options
  const now = new Date(storeNow())
  const overdue = (await ledger.overdueReceipts(now, ROWS_MAX)).filter(({ instance }) => owns(instance))
  if (overdue.length === 0) return
  await ledger.markStuck(
    overdue.map(({ id }) => id),
    now,
  )
  const first = overdue.filter(({ asked }) => asked === 0).length
  if (first > 0) events.messagesStuck(first)
  await askAll(options, questionsOf(overdue), isStopped)
}

/** The longest overdue first, and no instance more than its share. */
function questionsOf(overdue: readonly OverdueReceipt[]): OverdueReceipt[] {
  const asked = new Map<string, number>()
  const chosen = overdue.filter(({ instanceId }) => {
    const count = (asked.get(instanceId) ?? 0) + 1
    asked.set(instanceId, count)
    return count <= QUESTIONS_PER_INSTANCE_MAX
  })
  return chosen.slice(0, QUESTIONS_MAX)
}

async function askAll(
  options: StuckSweepOptions,
  questions: readonly OverdueReceipt[],
  isStopped: () => boolean,
): Promise<void> {
  const waiting = [...questions]
  const receipts: Receipt[] = []
  const askNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (isStopped()) return
      if (options.isServerDown(next.instance)) continue
      receipts.push(...(await ask(options, next)))
    }
  }
  await Promise.all(Array.from({ length: QUESTIONS_AT_ONCE }, askNext))
  if (receipts.length === 0) return
  await options.ledger.applyReceipts(receipts)
  options.events.receiptsJoined(receipts.length)
}

async function ask(
  { evolution, directory, storeNow, events }: StuckSweepOptions,
  { instance, instanceId, providerMessageId }: OverdueReceipt,
): Promise<Receipt[]> {
  const created = directory.byId(instanceId)
  // A later instance of the same name knows nothing of this message.
  if (created === undefined || created.deletedAt !== undefined || created.evolutionToken === '') return []
  const { evolutionServer: server, evolutionToken: apiKey } = created
  const answer = await evolution.findStatus({ server, instance, apiKey, providerMessageId })
  if ('failure' in answer) {
    events.statusAsked('failed')
    return []
  }
  const at = new Date(storeNow())
  const receipts = answer.statuses.flatMap((word) => {
    const known = ReceiptStatus.safeParse(word)
    const status = known.success ? receiptStatusOf(known.data) : undefined
    return status === undefined ? [] : [{ instanceId, keyId: providerMessageId, status, at }]
  })
  events.statusAsked(receipts.length === 0 ? 'nothing' : 'receipt')
  return receipts
}
