import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ingested, outcomeOf, rowsOf, runOut } from './ledger-rows.ts'
import { keysIn, planIn } from './profile.ts'
import { openTestStore } from './test-store.ts'

const INSTANCES = 20
const ROWS = 1000
const store = await openTestStore()
const { ledger } = store
const { open, ended } = await fill()
const [someone] = open

test('a page of an instance is merged in order from its priorities, and no more rows are read than it shows', async () => {
  const page = await planOf(() => ledger.load({ instance: 'instance-3', limit: 5 }))
  assert.deepEqual([page.plans, page.sorts, page.rows <= 7], [[`${OPEN_ROWS}, ${OPEN_ROWS}, ${OPEN_ROWS}`], 0, true])
  assert.ok(page.keys <= 8, `${page.keys}`)
  const [last] = await ledger.load({ instance: 'instance-3', limit: 1 })
  const next = await planOf(() => ledger.load({ instance: 'instance-3', after: last, limit: 5 }))
  assert.deepEqual([next.sorts, next.rows <= 7], [0, true])
  assert.ok(next.keys <= 11, `${next.keys}`)
})

test('rows of one priority are read without those of another, however many stand before them', async () => {
  const page = await planOf(() => ledger.load({ instance: 'instance-3', priority: 'high', limit: 3 }))
  assert.deepEqual(page, { plans: [OPEN_ROWS], sorts: 0, keys: 3, rows: 3 })
})

test('a page of one recipient reads its lane only, in order', async () => {
  const plan = await planOf(() => ledger.load({ instance: 'instance-3', to: '+5511000000003', limit: 500 }))
  assert.deepEqual([plan.plans, plan.sorts], [[OPEN_LANE], 0])
  assert.ok(plan.rows <= 3, `${plan.rows}`)
})

test('a page without some recipients reads no row of theirs, and none of another instance', async () => {
  const all = await ledger.load({ instance: 'instance-3', limit: 500 })
  const [{ to } = { to: '' }] = all
  const theirs = all.filter((row) => row.to === to).length
  const whole = await planOf(() => ledger.load({ instance: 'instance-3', limit: 500 }))
  const page = await planOf(() => ledger.load({ instance: 'instance-3', notTo: [to], limit: 500 }))
  assert.equal(page.rows, whole.rows - theirs)
  assert.ok(theirs > 0 && whole.rows <= ROWS / INSTANCES, `${theirs} of ${whole.rows}`)
})

test('a few who stand behind a long lane are found by jumping over it', async () => {
  const instance = randomUUID()
  await fillInstance(instance, { hot: 1000, others: 20 })
  const [last] = await ledger.load({ instance, limit: 1 })
  const page = await planOf(() => ledger.load({ instance, after: last, notTo: [HOT], limit: 10 }))
  assert.deepEqual(page.plans, [OPEN_LANE, OPEN_LANE])
  assert.ok(page.keys <= 50 && page.rows <= 20, JSON.stringify(page))
})

test('many who stand behind a long lane are never sorted', async () => {
  const instance = randomUUID()
  await fillInstance(instance, { hot: 100, others: 600 })
  const page = await planOf(() => ledger.load({ instance, notTo: [HOT], limit: 10 }))
  assert.deepEqual([page.plans.at(-1), page.sorts], [`${OPEN_ROWS}, ${OPEN_ROWS}, ${OPEN_ROWS}`, 0])
  assert.ok(page.rows <= 12, `${page.rows}`)
})

test('the instances with work are read from the index alone, a key or two for each', async () => {
  const plan = await planOf(() => ledger.instancesWithOpenRows())
  assert.match(plan.plans.join(), /^DISTINCT_SCAN \{ open: 1, instance: 1, /)
  assert.equal(plan.rows, 0)
  assert.ok(plan.keys <= 2 * INSTANCES, `${plan.keys}`)
})

test('what is to wake or has expired is found without reading what is not', async () => {
  const now = new Date()
  const looked = await planOf(() => ledger.dueWork(now, 100))
  assert.deepEqual(looked.plans, ['IXSCAN { wakeAt: 1, instance: 1, offset: 1 }'])
  assert.ok(looked.keys <= 4 && looked.rows <= 1, JSON.stringify(looked))
  const woken = await planOf(() => ledger.wake(['instance-3'], now))
  assert.deepEqual([woken.plans, woken.rows <= 1], [['IXSCAN { wakeAt: 1, instance: 1, offset: 1 }'], true])
})

test('what has expired is read from its own index, and no more of it than is asked for', async () => {
  const ids = open.slice(0, 20)
  await runOut(store, ...ids)
  const looked = await planOf(() => ledger.dueWork(new Date(0), 5))
  assert.ok(looked.keys <= 10 && looked.rows <= 10, JSON.stringify(looked))
  await rowsOf(store).updateMany({ _id: { $in: ids } }, { $unset: { expiresAt: 1 } })
})

test("dead letters are read newest first from an index of their own, a user's as well as everybody's", async () => {
  const ids = open.slice(20, 40)
  const token = randomUUID()
  await ledger.claim({ ids, token, by: 'process' })
  await ledger.recordOutcomes(ids.map((id) => outcomeOf({ id, claim: token }, 'failed')))
  for (const filter of [{}, { user: 'ana' }]) {
    const first = await planOf(() => ledger.listDeadLetters(filter, { limit: 5 }))
    const index = filter.user === undefined ? '' : ' user: 1,'
    assert.deepEqual(first.plans, [`IXSCAN {${index} createdAt: -1, _id: -1 }`])
    assert.ok(first.sorts === 0 && first.keys <= 7 && first.rows <= 7, JSON.stringify(first))
    const { next } = await ledger.listDeadLetters(filter, { limit: 5 })
    const second = await planOf(() => ledger.listDeadLetters(filter, { after: next, limit: 5 }))
    assert.ok(second.sorts === 0 && second.rows <= 12, JSON.stringify(second))
  }
})

test('what an insert, a claim and an outcome write to indexes is known', async () => {
  const message = ingested({ instance: 'counted' })
  const token = randomUUID()
  const claim = { ids: [message.record.id], token, by: 'process' }
  const outcome = outcomeOf({ id: message.record.id, claim: token }, 'sent')
  // Its id, two of what is open, and three lists; a claim nothing; then the provider's id, the receipt and the age.
  assert.deepEqual(await keysOf(() => ledger.insert([message], new Date())), { written: 6, deleted: 0 })
  assert.deepEqual(await keysOf(() => ledger.claim(claim)), { written: 0, deleted: 0 })
  assert.deepEqual(await keysOf(() => ledger.recordOutcomes([outcome])), { written: 3, deleted: 2 })
  const referred = ingested({ instance: 'counted', reference: 'order 7' })
  assert.deepEqual(await keysOf(() => ledger.insert([referred], new Date())), { written: 7, deleted: 0 })
})

test('indexes that an earlier version had give way to those of this one', async () => {
  const rows = store.db.collection('messages')
  const names = async () => new Set((await rows.indexes()).map(({ name }) => name))
  const expected = await names()
  await rows.dropIndex('retention_of_ended')
  await rows.createIndexes([
    { key: { user: 1, createdAt: -1 }, name: 'user_created' },
    { key: { expireAt: 1 }, name: 'retention', expireAfterSeconds: 0 },
  ])
  await Promise.all([store.ensureIndexes(), store.ensureIndexes()])
  assert.deepEqual(await names(), expected)
})

test('claims, releases, outcomes and ends read just the rows they name', async () => {
  const ids = open.slice(-10)
  const claim = { ids, token: 'token', by: 'process' }
  const outcomes = ids.map((id) => outcomeOf({ id, claim: 'token' }, 'queued'))
  for (const work of [
    () => ledger.claim(claim),
    () => ledger.release(ids.map((id) => ({ id, claim: 'token' }))),
    () => ledger.claim(claim),
    () => ledger.recordOutcomes(outcomes),
    () => ledger.read(ids),
    () => ledger.endWaiting(ids, 'failed', { code: 'code', detail: 'detail' }),
  ]) {
    const plan = await planOf(work)
    assert.deepEqual([plan.plans, plan.rows], [['IXSCAN { _id: 1 }'], 10], String(work))
  }
})

test("receipts find their rows by WhatsApp's id", async () => {
  const receipts = ended.slice(0, 10).map((id) => ({
    instanceId: 'instance-1',
    keyId: `key of ${id}`,
    status: 'READ' as const,
    at: new Date(),
  }))
  const plan = await planOf(() => ledger.applyReceipts(receipts))
  assert.deepEqual(plan.plans, ['IXSCAN { providerIds: 1 }', 'IXSCAN { _id: 1 }'])
  assert.equal(plan.rows, 20)
})

test('overdue receipts are found without reading what has its receipt or its time', async () => {
  const plan = await planOf(() => ledger.overdueReceipts(new Date(Date.now() + 3_600_000), 10))
  assert.deepEqual(plan, { plans: ['IXSCAN { askAt: 1 }'], sorts: 0, keys: 10, rows: 10 })
})

test("a user's message is found by its id", async () => {
  const plan = await planOf(() => ledger.findOwned('ana', someone ?? ''))
  assert.deepEqual([plan.plans, plan.rows], [['IXSCAN { _id: 1 }'], 1])
})

test('a claim maintains no index: none holds what it writes', async () => {
  const indexes = await store.db.collection('messages').indexes()
  const indexed = indexes.flatMap(({ key, partialFilterExpression }) => [
    ...Object.keys(key),
    ...Object.keys(partialFilterExpression ?? {}),
  ])
  for (const field of ['status', 'claim', 'by', 'claimedAt']) assert.ok(!indexed.includes(field), field)
})

test('how far a campaign is, and what of it is open, is counted from an index alone', async () => {
  const campaign = randomUUID()
  const messages = Array.from({ length: 30 }, (_, n) => ingested({ campaign, instance: `instance-${n % 2}` }))
  await ledger.insert(messages, new Date())
  const whole = await planOf(() => ledger.countCampaign(campaign))
  assert.deepEqual([whole.rows, whole.keys], [0, 30])
  const open = await planOf(() => ledger.countOpenOfCampaign(campaign, 'instance-1'))
  assert.ok(open.rows === 0 && open.keys <= 20, JSON.stringify(open))
})

test('only what has ended is ever removed by time', async () => {
  const rows = store.db.collection('messages')
  assert.equal(await rows.countDocuments({ open: 1, expireAt: { $exists: true } }), 0)
  const indexes = await rows.indexes()
  assert.deepEqual(
    indexes
      .filter(({ expireAfterSeconds }) => expireAfterSeconds !== undefined)
      .map(({ key, expireAfterSeconds }) => [key, expireAfterSeconds]),
    [[{ expireAt: 1 }, 0]],
  )
})

const OPEN_ROWS = 'IXSCAN { open: 1, instance: 1, priority: 1, appendedAt: 1, offset: 1, to: 1 }'
const OPEN_LANE = 'IXSCAN { open: 1, instance: 1, to: 1, appendedAt: 1, offset: 1 }'

const HOT = '+5511000000000'

/** Many rows to one recipient, and after them one to each of others. */
async function fillInstance(
  instance: string,
  { hot, others }: Readonly<{ hot: number; others: number }>,
): Promise<void> {
  const messages = Array.from({ length: hot + others }, (_, at) =>
    ingested({ instance, to: at < hot ? HOT : `+5511${String(at).padStart(9, '0')}` }),
  )
  await ledger.insert(messages, new Date())
}

/** As many open rows as ended ones, over some instances and recipients; some wait for their time. */
async function fill(): Promise<{ open: string[]; ended: string[] }> {
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const messages = Array.from({ length: 2 * ROWS }, (_, at) =>
    ingested({
      instance: `instance-${at % INSTANCES}`,
      to: `+55110000000${String(at % 37).padStart(2, '0')}`,
      priority: (['bulk', 'normal', 'bulk', 'high'] as const)[Math.floor(at / INSTANCES) % 4] ?? 'normal',
      ...(at % 11 === 0 && at >= ROWS && { sendAt: later }),
    }),
  )
  await ledger.insert(messages, new Date())
  const ids = messages.map(({ record }) => record.id)
  const first = ids.slice(0, ROWS)
  const token = randomUUID()
  await ledger.claim({ ids: first, token, by: 'process' })
  await ledger.recordOutcomes(
    first.map((id) => outcomeOf({ id, claim: token }, 'sent', { providerMessageId: `key of ${id}` })),
  )
  return { open: ids.slice(ROWS).filter((_, at) => (at + ROWS) % 11 !== 0), ended: first }
}

const planOf = (work: () => Promise<unknown>) => planIn(store, work)
const keysOf = (work: () => Promise<unknown>) => keysIn(store, work)
