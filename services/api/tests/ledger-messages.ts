import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { MessageRecord } from '@whatsapp-sender/contract'
import type { MessageDocument, Store } from '@whatsapp-sender/store'

/** As the consumer does. */
export async function ingest(store: Store, record: MessageRecord): Promise<void> {
  await store.ledger.insert([{ record, appendedAt: Date.now(), offset: 0n, wake: false }], new Date())
}

/** Id of a message that waits in the ledger. */
export async function waiting(store: Store, user: string, changes: Partial<MessageRecord> = {}): Promise<string> {
  const record = recordOf(user, changes)
  await ingest(store, record)
  return record.id
}

/** The same of many. */
export async function manyWaiting(store: Store, user: string, count: number): Promise<void> {
  const messages = Array.from({ length: count }, (_, n) => ({
    record: recordOf(user),
    appendedAt: Date.now(),
    offset: BigInt(n),
    wake: false,
  }))
  await store.ledger.insert(messages, new Date())
}

export function recordOf(user: string, changes: Partial<MessageRecord> = {}): MessageRecord {
  return {
    v: 1,
    id: randomUUID(),
    user,
    instance: 'sales',
    instanceId: 'i',
    to: '+5511999991000',
    type: 'text',
    content: { text: 'olá' },
    bodyHash: 'a'.repeat(64),
    priority: 'normal',
    onAmbiguous: 'hold',
    acceptedAt: new Date().toISOString(),
    ...changes,
  }
}

/** Id of one that failed, for a reason of this code. */
export async function failed(
  store: Store,
  user: string,
  { code = 'not-on-whatsapp', ...changes }: Partial<MessageRecord> & Readonly<{ code?: string }> = {},
): Promise<string> {
  const id = await waiting(store, user, changes)
  const claim = randomUUID()
  await store.ledger.claim({ ids: [id], token: claim, by: 'p' })
  const attempt = { number: 1, startedAt: new Date(), durationMs: 1, outcome: 'failed' } as const
  const reason = { code, detail: '' }
  await store.ledger.recordOutcomes([{ id, claim, attempt, counted: true, status: 'failed', reason }])
  return id
}

export async function rowOf(store: Store, id: unknown): Promise<MessageDocument> {
  const row = await store.db.collection<MessageDocument>('messages').findOne({ _id: String(id) })
  assert.ok(row !== null)
  return row
}

/** What was done to a message, and by whom. */
export async function actionsOf(store: Store, id: unknown) {
  return ((await rowOf(store, id)).actions ?? []).map(({ by, action }) => ({ by, action }))
}
