import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { MessageRecord } from '@whatsapp-sender/contract'
import { mongo } from 'mongoose'
import type { Attempt, IngestedMessage, MessageCollection, MessageDocument, Outcome, Store } from '../src/index.ts'

let offset = 0n

/** A message as ingest hands it over; later ones come later in their instance. */
export function ingested(
  changes: Partial<MessageRecord> & Partial<Omit<IngestedMessage, 'record'>> = {},
): IngestedMessage {
  offset++
  const { appendedAt = 1_700_000_000_000 + Number(offset), offset: at = offset, wake = false, ...record } = changes
  return {
    record: {
      v: 1,
      id: randomUUID(),
      user: 'ana',
      instance: 'sales',
      instanceId: 'instance-1',
      to: '+5511999991000',
      type: 'text',
      content: { text: 'Hi' },
      bodyHash: 'a'.repeat(64),
      priority: 'normal',
      onAmbiguous: 'resend',
      acceptedAt: '2026-01-01T00:00:00.000Z',
      ...record,
    },
    appendedAt,
    offset: at,
    wake,
  }
}

/** Inserts one message and returns its id. */
export async function inserted(store: Store, changes: Parameters<typeof ingested>[0] = {}): Promise<string> {
  const message = ingested(changes)
  assert.equal((await store.ledger.insert([message], new Date())).inserted.length, 1)
  return message.record.id
}

/** Inserts one message, claims it, and returns its id and claim. */
export async function claimed(store: Store, changes: Parameters<typeof ingested>[0] = {}) {
  const id = await inserted(store, changes)
  return { id, claim: await claim(store, id) }
}

export async function claim(store: Store, id: string, by = 'process'): Promise<string> {
  const token = randomUUID()
  assert.ok((await store.ledger.claim({ ids: [id], token, by })).has(id))
  return token
}

export function rowsOf(store: Store): MessageCollection {
  return store.db.collection<MessageDocument>('messages')
}

/** Its time has run out, whatever it was. */
export async function runOut(store: Store, ...ids: readonly string[]): Promise<void> {
  await rowsOf(store).updateMany({ _id: { $in: [...ids] } }, { $set: { expiresAt: new Date(0) } })
}

/** The row as the database holds it. */
export async function rowOf(store: Store, id: string): Promise<MessageDocument> {
  const row = await rowsOf(store).findOne({ _id: id })
  assert.ok(row !== null)
  return row
}

const STARTED_AT = new Date('2026-01-01T00:00:00.000Z')

export function attempt(outcome: Attempt['outcome'], number = 1): Attempt {
  return { number, startedAt: STARTED_AT, durationMs: 250, outcome }
}

/** An outcome of each kind, counted. */
export function outcomeOf(
  { id, claim }: Readonly<{ id: string; claim: string }>,
  status: Outcome['status'],
  changes: Readonly<{ counted?: boolean; nextAttemptAt?: Date; providerMessageId?: string; resolvedTo?: string }> = {},
): Outcome {
  const { counted = true, nextAttemptAt, providerMessageId = `provider-${randomUUID()}`, resolvedTo } = changes
  const common = { id, claim, counted, attempt: attempt(status === 'queued' ? 'retry' : status) }
  if (status === 'sent') {
    return { ...common, status, providerMessageId, by: 'answer', ...(resolvedTo !== undefined && { resolvedTo }) }
  }
  if (status === 'queued') return { ...common, status, nextAttemptAt }
  return { ...common, status, reason: { code: status, detail: '$reason' } }
}

/** A collection whose first update is done but not answered, as when a connection breaks; `lose` comes in between. */
export function withLostAnswer(rows: MessageCollection, lose = async () => {}): MessageCollection {
  let lost = false
  return new Proxy(rows, {
    get(target, name) {
      if (name !== 'updateMany') return Reflect.get(target, name)
      return async (...args: Parameters<MessageCollection['updateMany']>) => {
        const result = await target.updateMany(...args)
        if (lost) return result
        lost = true
        await lose()
        throw new mongo.MongoNetworkError('connection closed')
      }
    },
  })
}
