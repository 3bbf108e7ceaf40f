import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { planIn } from './profile.ts'
import { openTestStore } from './test-store.ts'

const ROWS = 200
const LIMIT = 5
/** A page, the row that tells whether there is another, and what an index is entered by. */
const EXAMINED_MAX = LIMIT + 3

const store = await openTestStore()

type Page<Place> = (after: Place | undefined) => Promise<Readonly<{ next: Place | undefined }>>

/** The first page and one deep in the list. */
async function assertBounded<Place>(what: string, collection: string, page: Page<Place>, index: string): Promise<void> {
  let after: Place | undefined
  for (let pages = 0; pages < 8; pages++) {
    const read = async () => {
      const { next } = await page(after)
      after = next
    }
    const plan = await planIn(store, read, collection)
    assert.deepEqual([plan.plans, plan.sorts], [[`IXSCAN ${index}`], 0], what)
    assert.ok(plan.keys <= EXAMINED_MAX && plan.rows <= EXAMINED_MAX, `${what}, page ${pages}: ${JSON.stringify(plan)}`)
    assert.ok(after !== undefined, `${what}: page ${pages} was the last`)
  }
}

test('a page of the audit log is read from an index in its order, whole or of one user, one target or both, at any depth', async () => {
  for (let n = 0; n < ROWS; n++) {
    const [by, target] = [`admin ${n % 2}`, `target ${n % 4 < 2 ? 1 : 2}`]
    await store.audit.insert({ by, target, action: 'instance.restarted', address: '127.0.0.1', details: {} })
  }
  const list = (filter: Parameters<typeof store.audit.list>[0]) => (after: { at: number; id: string } | undefined) =>
    store.audit.list(filter, { after, limit: LIMIT })
  await assertBounded('all', 'audit', list({}), '{ at: -1, _id: -1 }')
  await assertBounded('by', 'audit', list({ by: 'admin 1' }), '{ by: 1, at: -1, _id: -1 }')
  await assertBounded('target', 'audit', list({ target: 'target 1' }), '{ target: 1, at: -1, _id: -1 }')
  const both = '{ by: 1, target: 1, at: -1, _id: -1 }'
  await assertBounded('both', 'audit', list({ by: 'admin 1', target: 'target 1' }), both)
})

test("a page of a webhook's deliveries is read from an index in its order, and none of another webhook or state, at any depth", async () => {
  const { webhookDeliveries } = store
  const begunAt = Date.now()
  for (let n = 0; n < ROWS; n++) {
    const [id, endpoint] = [randomUUID(), `endpoint ${n % 2}`]
    const draft = { id, endpoint, user: 'ana', seq: n, type: 'message.sent', key: id, body: '{}' } as const
    await webhookDeliveries.insert([draft], new Date(begunAt + n))
    const [attempt, state] = [{ at: new Date(), durationMs: 1 }, n % 4 < 2 ? 'failed' : 'delivered'] as const
    await webhookDeliveries.recordAttempt({ endpoint, id, tries: 0 }, attempt, { state })
  }
  const list = (state?: 'failed' | 'delivered') => (after: { at: number; id: string } | undefined) =>
    webhookDeliveries.list({ endpoint: 'endpoint 1', user: 'ana', state }, { after, limit: LIMIT })
  await assertBounded('all', 'webhook_deliveries', list(), '{ endpoint: 1, createdAt: -1, _id: -1 }')
  const ofState = '{ endpoint: 1, state: 1, createdAt: -1, _id: -1 }'
  for (const state of ['failed', 'delivered'] as const)
    await assertBounded(state, 'webhook_deliveries', list(state), ofState)
  const waiting = () =>
    webhookDeliveries.list({ endpoint: 'endpoint 1', user: 'ana', state: 'waiting' }, { limit: LIMIT })
  const none = await planIn(store, waiting, 'webhook_deliveries')
  assert.ok(none.rows === 0 && none.keys <= 1, JSON.stringify(none))
})

test("a page of a user's operations is read from an index in its order, and none of another user, at any depth", async () => {
  for (let n = 0; n < ROWS; n++) {
    const by = `user ${n % 2}`
    const order = { kind: 'cancel', filter: { user: by } } as const
    const made = await store.bulkOperations.order({ by, address: '', order, from: undefined })
    assert.ok(made !== 'too-many')
    const held = await store.bulkOperations.hold('holder')
    assert.ok(held !== undefined && (await store.bulkOperations.note(held.id, 'holder', { status: 'done' })))
  }
  const list = (after: { at: number; id: string } | undefined) =>
    store.bulkOperations.list('user 1', { after, limit: LIMIT })
  await assertBounded('operations', 'bulk_operations', list, '{ by: 1, createdAt: -1, _id: -1 }')
})
