import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import type { NewWebhookEndpoint } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
const { webhookEndpoints: endpoints, webhookDeliveries: deliveries } = store
const NOW = Date.now()
const at = (ms: number) => new Date(NOW + ms)
const LEASE = at(60_000)
const ATTEMPT = { at: at(0), durationMs: 3, status: 500, answer: 'no' }

beforeEach(async () => {
  await store.db.collection('webhook_endpoints').deleteMany({})
  await store.db.collection('webhook_deliveries').deleteMany({})
})

test('an endpoint is seen, changed, rotated and removed by its own user only', async () => {
  const { endpoint } = await create()
  const foreign = { id: endpoint.id, user: 'bob' }
  assert.equal(await endpoints.find(foreign), undefined)
  assert.equal(await endpoints.change(foreign, { enabled: false }, at(0)), undefined)
  assert.equal(await endpoints.rotateSecret(foreign, at(0), at(1)), undefined)
  assert.equal(await endpoints.remove(foreign), false)
  assert.deepEqual([await endpoints.listOf('bob'), await endpoints.countOf('bob')], [[], 0])
  const own = { id: endpoint.id, user: 'ana' }
  assert.deepEqual(await endpoints.find(own), endpoint)
  assert.equal(await endpoints.remove(own), true)
})

test('the database holds no secret that could be read, and an endpoint shows none', async () => {
  const { endpoint, secret } = await create()
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  const rotated = (await endpoints.rotateSecret(endpoint, at(0), at(1000))) ?? ''
  const dump = JSON.stringify(await store.db.collection('webhook_endpoints').find().toArray())
  const shown = JSON.stringify([endpoint, await endpoints.listOf('ana')])
  for (const each of [secret, rotated]) assert.ok(!dump.includes(each.slice(6)) && !shown.includes(each.slice(6)))
})

test('after a rotation both secrets sign until the overlap ends, however many rotate at once', async () => {
  const { endpoint, secret } = await create()
  await endpoints.wake([endpoint.id], at(0))
  const rotated = await Promise.all([1, 2].map(() => endpoints.rotateSecret(endpoint, at(0), at(1000))))
  const during = await endpoints.claim('one', at(999), at(999))
  assert.deepEqual(new Set(during?.secrets), new Set([...rotated, secret]))
  const afterwards = await endpoints.claim('one', at(1000), LEASE)
  assert.equal(afterwards?.secrets.length, 1)
  assert.ok(rotated.includes(afterwards?.secrets[0]))
})

test('secrets that were sealed with another key are none, and never garbage', async () => {
  const { endpoint } = await create()
  await endpoints.wake([endpoint.id], at(0))
  const other = await openTestStore({ database: store.db.databaseName, secretKey: randomBytes(32).toString('hex') })
  assert.deepEqual((await other.webhookEndpoints.claim('one', at(0), LEASE))?.secrets, [])
})

test('one process at a time holds an endpoint; another takes over when the lease has ended, and the first one notices', async () => {
  const { endpoint } = await create()
  await endpoints.wake([endpoint.id], at(0))
  const both = await Promise.all(['one', 'two'].map((by) => endpoints.claim(by, at(0), LEASE)))
  assert.equal(both.filter((claimed) => claimed !== undefined).length, 1)
  const [first, second] = both[0] === undefined ? ['two', 'one'] : ['one', 'two']
  assert.equal(await endpoints.claim(second ?? '', at(59_999), at(100_000)), undefined)
  assert.notEqual(await endpoints.claim(second ?? '', at(60_000), at(100_000)), undefined)
  await endpoints.release({ id: endpoint.id, by: first ?? '' }, both[0]?.wake ?? both[1]?.wake ?? 0, undefined)
  assert.equal(await endpoints.claim('three', at(70_000), at(100_000)), undefined)
})

test('what is woken while its holder finds nothing more is not overlooked', async () => {
  const { endpoint } = await create()
  await endpoints.wake([endpoint.id], at(0))
  const claimed = await endpoints.claim('one', at(0), LEASE)
  await endpoints.wake([endpoint.id], at(1))
  await endpoints.release({ id: endpoint.id, by: 'one' }, claimed?.wake ?? 0, undefined)
  const again = await endpoints.claim('two', at(2), LEASE)
  assert.equal(again?.endpoint.id, endpoint.id)
  await endpoints.release({ id: endpoint.id, by: 'two' }, again?.wake ?? 0, at(50))
  assert.equal(await endpoints.claim('two', at(49), LEASE), undefined)
  assert.notEqual(await endpoints.claim('two', at(50), LEASE), undefined)
})

test('nobody posts to an endpoint that rests, is switched off or whose owner was rejected', async () => {
  const { endpoint } = await create()
  const free = async (ms: number) => (await endpoints.claim('one', at(ms), at(ms))) !== undefined
  await endpoints.wake([endpoint.id], at(0))
  await endpoints.rest(endpoint.id, at(10))
  assert.deepEqual([await free(9), await free(10)], [false, true])
  await endpoints.setOwnerActive('ana', false)
  assert.deepEqual([await free(20), await endpoints.listeningOf(['ana'])], [false, []])
  await endpoints.setOwnerActive('ana', true)
  assert.equal(await endpoints.disable(endpoint.id, 'gone', at(20)), true)
  assert.equal(await endpoints.disable(endpoint.id, 'failing', at(20)), false)
  assert.deepEqual([await free(21), await endpoints.isAnyListening()], [false, false])
  const shown = await endpoints.find(endpoint)
  assert.deepEqual([shown?.enabled, shown?.disabledReason, shown?.disabledAt], [false, 'gone', at(20)])
})

test('a new address forgets the failures and its rest, another change does not', async () => {
  const { endpoint } = await create()
  await endpoints.noteFailure(endpoint.id, at(0))
  await endpoints.rest(endpoint.id, LEASE)
  const described = await endpoints.change(endpoint, { description: 'x', events: ['message.read'] }, at(1))
  assert.ok(described)
  assert.deepEqual(described, { ...described, failures: 1, failingSince: at(0), description: 'x' })
  assert.equal(await endpoints.claim('one', at(1), LEASE), undefined)
  await endpoints.change(endpoint, { url: 'https://new.example/', description: null, events: null }, at(1))
  assert.deepEqual(await endpoints.find(endpoint), { ...endpoint, url: 'https://new.example/' })
  assert.equal((await endpoints.claim('one', at(1), LEASE))?.endpoint.id, endpoint.id)
})

test('switching on forgets why it was off, and what waits goes out', async () => {
  const { endpoint } = await create()
  await endpoints.noteFailure(endpoint.id, at(0))
  await endpoints.disable(endpoint.id, 'failing', at(0))
  await endpoints.change(endpoint, { description: 'x' }, at(1))
  assert.equal((await endpoints.find(endpoint))?.disabledReason, 'failing')
  await endpoints.change(endpoint, { enabled: true, description: null }, at(1))
  assert.deepEqual(await endpoints.find(endpoint), endpoint)
  assert.equal((await endpoints.claim('one', at(1), LEASE))?.endpoint.id, endpoint.id)
})

test('of all who ask at once one tells the owner, once for each time that it was switched off', async () => {
  const { endpoint } = await create()
  const askAll = async () =>
    (await Promise.all(Array.from({ length: 8 }, () => endpoints.takeNotice(at(0))))).filter(
      (each) => each !== undefined,
    )
  await endpoints.change(endpoint, { enabled: false }, at(1))
  assert.deepEqual(await askAll(), [], 'its owner knows what he did')
  await endpoints.change(endpoint, { enabled: true }, at(2))
  await endpoints.disable(endpoint.id, 'failing', at(3))
  await endpoints.disable(endpoint.id, 'failing', at(4))
  const taken = await askAll()
  assert.deepEqual(
    taken.map(({ id, disabledReason, disabledAt }) => [id, disabledReason, disabledAt]),
    [[endpoint.id, 'failing', at(3)]],
  )
  assert.deepEqual(await askAll(), [])
  await endpoints.change(endpoint, { enabled: true }, at(5))
  await endpoints.disable(endpoint.id, 'gone', at(6))
  assert.equal((await askAll()).length, 1)
})

test('an owner who could not be told is told another time, but not of what is over or long ago', async () => {
  const { endpoint } = await create()
  await endpoints.disable(endpoint.id, 'failing', at(3))
  assert.equal(await endpoints.takeNotice(at(4)), undefined)
  const taken = await endpoints.takeNotice(at(3))
  assert.ok(taken)
  await endpoints.giveNoticeBack(taken)
  assert.equal((await endpoints.takeNotice(at(0)))?.id, endpoint.id)
  await endpoints.change(endpoint, { enabled: true }, at(5))
  await endpoints.giveNoticeBack(taken)
  assert.equal(await endpoints.takeNotice(at(0)), undefined)
})

test('failures are counted from the first one on, and a success ends them', async () => {
  const { endpoint } = await create()
  await endpoints.noteFailure(endpoint.id, at(0))
  assert.deepEqual(await endpoints.noteFailure(endpoint.id, at(5)), { failures: 2, failingSince: at(0) })
  await endpoints.noteSuccess(endpoint.id)
  assert.deepEqual(await endpoints.noteFailure(endpoint.id, at(9)), { failures: 1, failingSince: at(9) })
})

test('an event that is made a delivery of twice is one, and keeps what became of it', async () => {
  const made = await delivery('e', 'm:1', 1)
  await deliveries.recordAttempt(made, ATTEMPT, { state: 'delivered' })
  await deliveries.insert([draft('e', 'm:1', 1), draft('e', 'm:2', 2)], at(1))
  const { data } = await deliveries.list({ endpoint: 'e', user: 'ana' }, { limit: 10 })
  assert.deepEqual(
    data.map(({ id, state }) => [id, state]),
    [
      ['m:2', 'waiting'],
      ['m:1', 'delivered'],
    ],
  )
})

test('what is due comes by its time, then by the place of its event, and only while it waits', async () => {
  for (const [id, seq] of [
    ['c', 3],
    ['a', 1],
    ['b', 2],
  ] as const)
    await delivery('e', id, seq)
  await delivery('other', 'a', 1)
  const [first] = await deliveries.due('e', at(0), 10)
  assert.equal(first?.id, 'a')
  if (first) await deliveries.recordAttempt(first, ATTEMPT, { state: 'waiting', nextAttemptAt: at(5) })
  const ids = async (ms: number) => (await deliveries.due('e', at(ms), 10)).map(({ id }) => id)
  assert.deepEqual(
    [await ids(4), await ids(5)],
    [
      ['b', 'c'],
      ['b', 'c', 'a'],
    ],
  )
  assert.deepEqual(await deliveries.nextDueAt('e'), at(0))
  for (const each of await deliveries.due('e', at(5), 10))
    await deliveries.recordAttempt(each, ATTEMPT, { state: 'failed' })
  assert.deepEqual([await ids(9), await deliveries.nextDueAt('e')], [[], undefined])
})

test('of two processes that post the same at once, one attempt is recorded', async () => {
  const made = await delivery('e', 'm:1', 1)
  await deliveries.recordAttempt(made, ATTEMPT, { state: 'delivered' })
  await deliveries.recordAttempt(made, ATTEMPT, { state: 'waiting', nextAttemptAt: at(5) })
  const { data } = await deliveries.list({ endpoint: 'e', user: 'ana' }, { limit: 10 })
  assert.deepEqual([data[0]?.state, data[0]?.attempts.length, data[0]?.nextAttemptAt], ['delivered', 1, undefined])
})

test('a replayed delivery waits again with all its retries and keeps its log, ten attempts at most', async () => {
  await delivery('e', 'm:1', 1)
  assert.equal(await deliveries.replay({ endpoint: 'e', user: 'bob', id: 'm:1' }, at(1)), undefined)
  for (let n = 0; n < 12; n++) {
    const replayed = await deliveries.replay({ endpoint: 'e', user: 'ana', id: 'm:1' }, at(n))
    assert.deepEqual([replayed?.tries, replayed?.state, replayed?.attempts.length], [0, 'waiting', Math.min(n, 10)])
    if (replayed) await deliveries.recordAttempt(replayed, { ...ATTEMPT, durationMs: n }, { state: 'failed' })
  }
  const { data } = await deliveries.list({ endpoint: 'e', user: 'ana' }, { limit: 10 })
  assert.deepEqual(
    data[0]?.attempts.map(({ durationMs }) => durationMs),
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  )
})

test('the log is read in pages, newest first, by state, without what comes meanwhile, and by its user only', async () => {
  for (let n = 1; n <= 5; n++) await deliveries.insert([draft('e', `m:${n}`, n)], at(Math.floor(n / 2)))
  const first = await deliveries.list({ endpoint: 'e', user: 'ana' }, { limit: 2 })
  await deliveries.insert([draft('e', 'm:6', 6)], at(9))
  const second = await deliveries.list({ endpoint: 'e', user: 'ana' }, { limit: 10, after: first.next })
  assert.deepEqual(
    [...first.data, ...second.data].map(({ id }) => id),
    ['m:5', 'm:4', 'm:3', 'm:2', 'm:1'],
  )
  assert.equal(second.next, undefined)
  assert.deepEqual((await deliveries.list({ endpoint: 'e', user: 'bob' }, { limit: 10 })).data, [])
  const failed = await deliveries.list({ endpoint: 'e', user: 'ana', state: 'failed' }, { limit: 10 })
  assert.deepEqual(failed.data, [])
})

async function create(wanted: Partial<NewWebhookEndpoint> = {}) {
  return await endpoints.create({ user: 'ana', url: 'https://hooks.example/', fromSeq: 0, ...wanted })
}

function draft(endpoint: string, id: string, seq: number) {
  return { id, endpoint, user: 'ana', seq, type: 'message.sent', key: randomUUID(), body: `{"id":"${id}"}` }
}

async function delivery(endpoint: string, id: string, seq: number) {
  const made = draft(endpoint, id, seq)
  await deliveries.insert([made], at(0))
  return { ...made, tries: 0 }
}
