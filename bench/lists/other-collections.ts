import { randomUUID } from 'node:crypto'
import type { Store } from '@whatsapp-sender/store'
import type { Documents } from './fill-collections.ts'
import { momentAt, type RowPlan } from './row-plan.ts'

/** Of each of these, so many among five. */
const ADMINISTRATORS = 5
const TARGETS = 5
const FAILED = 5
const ENDPOINTS = 2

/** What can be asked for in the audit log: a fifth of it each. */
export const AUDITED = { by: 'administrator-2', target: 'target-3' }

/**
 * Of the lists beside the messages: a fifth as many deliveries, half of them to `endpoint`, a tenth as many entries of the
 * audit log and a fiftieth as many operations. Each is made after one that the store made.
 */
export async function otherCollections(store: Store, plan: RowPlan, endpoint: string): Promise<Documents[]> {
  return [await entriesOf(store, plan), await deliveriesOf(store, plan, endpoint), await operationsOf(store, plan)]
}

async function entriesOf({ audit, db }: Store, plan: RowPlan): Promise<Documents> {
  const details = { fields: ['pace', 'paused'] }
  await audit.insert({ by: 'nobody', action: 'instance.changed', target: 'nothing', address: '203.0.113.7', details })
  const made = await db.collection('audit').findOne({ by: 'nobody' })
  if (made === null) throw new Error('the entry is not there')
  const count = Math.ceil(plan.rows / 10)
  return {
    collection: 'audit',
    count,
    documentAt: (n) => ({
      ...made,
      _id: randomUUID(),
      at: momentAt(plan, 1 - (n + 1) / count),
      by: `administrator-${n % ADMINISTRATORS}`,
      target: `target-${Math.floor(n / ADMINISTRATORS) % TARGETS}`,
    }),
  }
}

async function deliveriesOf({ webhookDeliveries, db }: Store, plan: RowPlan, endpoint: string): Promise<Documents> {
  const id = `${randomUUID()}:1`
  const body = JSON.stringify({ type: 'message.sent', data: 'x'.repeat(400) })
  const draft = { id, endpoint, user: plan.user, seq: 1, type: 'message.sent', key: 'made', body } as const
  await webhookDeliveries.insert([draft], new Date())
  const attempt = { at: new Date(), durationMs: 31, status: 204 }
  await webhookDeliveries.recordAttempt({ endpoint, id, tries: 0 }, attempt, { state: 'delivered' })
  const made = await db.collection('webhook_deliveries').findOne({ endpoint, state: 'delivered' })
  if (made === null) throw new Error('the delivery is not there')
  const count = Math.ceil(plan.rows / 5)
  return {
    collection: 'webhook_deliveries',
    count,
    documentAt: (n) => {
      const to = n % ENDPOINTS === 0 ? endpoint : 'another'
      const event = `${randomUUID()}:1`
      return {
        ...made,
        _id: `${to}/${event}`,
        event,
        endpoint: to,
        seq: n,
        createdAt: momentAt(plan, 1 - (n + 1) / count),
        state: Math.floor(n / ENDPOINTS) % FAILED === 0 ? 'failed' : 'delivered',
      }
    },
  }
}

async function operationsOf({ bulkOperations, db }: Store, plan: RowPlan): Promise<Documents> {
  const order = { kind: 'cancel', filter: { user: plan.user } } as const
  await bulkOperations.order({ by: plan.user, address: '203.0.113.7', order, from: undefined })
  const held = await bulkOperations.hold('bench')
  if (held === undefined) throw new Error('the operation was not held')
  await bulkOperations.note(held.id, 'bench', { status: 'done', counts: { seen: 500, done: 498 } })
  const made = await db.collection<{ _id: string }>('bulk_operations').findOne({ _id: held.id })
  if (made === null) throw new Error('the operation is not there')
  const count = Math.ceil(plan.rows / 50)
  return {
    collection: 'bulk_operations',
    count,
    documentAt: (n) => ({ ...made, _id: randomUUID(), createdAt: momentAt(plan, 1 - (n + 1) / count) }),
  }
}
