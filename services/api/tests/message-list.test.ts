import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Pace } from '@whatsapp-sender/contract'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { type Answer, faultyFields } from './client.ts'
import { failed, rowOf, waiting } from './ledger-messages.ts'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
})
beforeEach(async () => {
  await api.store.db.collection('messages').deleteMany({})
})
after(() => api.stop())

const OTHER_TO = '+5511999991001'

test("messages are listed newest first, without their text, and nobody's but one's own", async () => {
  const metadata = { shop: 'north' }
  const ids = [await waiting(api.store, ana.id, { reference: 'order 7', metadata }), await failed(api.store, ana.id)]
  const foreign = await waiting(api.store, bob.id)
  const answer = await ana.get('/v1/messages')
  assert.deepEqual(idsOf(answer), [ids[1], ids[0]])
  assert.deepEqual(idsOf(await bob.get('/v1/messages')), [foreign])
  // Of an administrator too only his own: those of all that ask for a person are the dead letters.
  assert.deepEqual(idsOf(await api.admin.get('/v1/messages')), [])
  const [newest, oldest] = dataOf(answer)
  const { createdAt, acceptedAt, ...shown } = Object(oldest)
  assert.deepEqual(shown, {
    id: ids[0],
    instance: 'sales',
    to: '+5511999991000',
    type: 'text',
    status: 'queued',
    priority: 'normal',
    reference: 'order 7',
    metadata,
    waitingFor: 'instance',
    attemptsCount: 0,
  })
  assert.equal(createdAt, (await rowOf(api.store, ids[0])).createdAt.toISOString())
  assert.deepEqual([Object(newest).status, Object(newest).reason.code], ['failed', 'not-on-whatsapp'])
  assert.ok(Date.parse(acceptedAt) > 0 && !JSON.stringify(answer.body).includes('olá'))
})

test('the list is told by instance, recipient, reference, status, attention and time, and by all of them at once', async () => {
  const plain = await waiting(api.store, ana.id)
  const { createdAt } = await rowOf(api.store, plain)
  const until = new Date(createdAt.getTime() + 1).toISOString()
  await new Promise((resolve) => setTimeout(resolve, 2))
  const other = await failed(api.store, ana.id, { instance: 'support', to: OTHER_TO, reference: 'order 7' })
  const foreign = { instance: 'support', to: OTHER_TO, reference: 'order 7' }
  await failed(api.store, bob.id, foreign)
  const to = encodeURIComponent(OTHER_TO)
  const filters = [
    'instance=support',
    `to=${to}`,
    'reference=order%207',
    'status=failed',
    'attention=true',
    `since=${until}`,
  ]
  for (const query of [...filters, filters.join('&')])
    assert.deepEqual(idsOf(await ana.get(`/v1/messages?${query}`)), [other], query)
  assert.deepEqual(idsOf(await ana.get(`/v1/messages?until=${until}`)), [plain])
  assert.deepEqual(idsOf(await ana.get('/v1/messages?status=queued')), [plain])
  for (const query of [
    'instance=sales&status=failed',
    `until=${until}&attention=true`,
    'reference=order',
    `to=${to}&status=queued`,
  ])
    assert.deepEqual(idsOf(await ana.get(`/v1/messages?${query}`)), [], query)
})

test('the list is told by metadata, word for word, alone and with other filters, and nothing of it is an operator', async () => {
  const facts = { shop: 'north', 'a:b-c': '$ne' }
  const both = await waiting(api.store, ana.id, { metadata: facts, reference: 'order 7' })
  const one = await failed(api.store, ana.id, { metadata: { shop: 'north' } })
  await waiting(api.store, ana.id, { metadata: { shop: 'northern' } })
  await waiting(api.store, ana.id)
  await waiting(api.store, bob.id, { metadata: facts })
  const of = async (query: string) => idsOf(await ana.get(`/v1/messages?${query}`))
  assert.deepEqual(await of('metadata[shop]=north'), [one, both])
  assert.deepEqual(await of('metadata[shop]=north&metadata[a:b-c]=$ne'), [both])
  assert.deepEqual(await of('metadata[shop]=north&status=failed'), [one])
  assert.deepEqual(await of('metadata[shop]=north&reference=order%207'), [both])
  assert.deepEqual(await of('metadata[shop]=north&attention=true&instance=sales'), [one])
  for (const none of ['metadata[shop]=', 'metadata[shop]=.*', 'metadata[other]=north'])
    assert.deepEqual(await of(none), [], none)
  for (const wrong of ['metadata[shop.x]=1', 'metadata[$where]=1', 'metadata[]=1', 'metadata[shop]=a&metadata[shop]=b'])
    assert.equal((await ana.get(`/v1/messages?${wrong}`)).status, 400, wrong)
  assert.deepEqual(faultyFields(await ana.get('/v1/messages?metadata=x')), ['metadata'])
  assert.deepEqual(faultyFields(await ana.get('/v1/messages?metadata[shop]=x&metadata=x')), ['metadata'])
})

test('a discarded dead letter no longer asks for attention, and is still failed', async () => {
  const id = await failed(api.store, ana.id)
  await ana.post(`/v1/dead-letters/${id}/discard`)
  assert.deepEqual(idsOf(await ana.get('/v1/messages?attention=true')), [])
  assert.deepEqual(idsOf(await ana.get('/v1/messages?status=failed')), [id])
})

test('what the list does not know is named', async () => {
  for (const [query, field] of [
    ['status=accepted', 'status'],
    ['status=up', 'status'],
    ['attention=false', 'attention'],
    ['since=yesterday', 'since'],
    ['to=nobody', 'to'],
    ['instance=a%20b', 'instance'],
    ['reference=', 'reference'],
    ['limit=101', 'limit'],
    ['limit=0', 'limit'],
    ['cursor=x', 'cursor'],
    ['user=x', 'user'],
    ['instance=a&instance=b', 'instance'],
  ] as const)
    assert.deepEqual(faultyFields(await ana.get(`/v1/messages?${query}`)), [field], query)
  assert.equal((await api.anybody.get('/v1/messages?status=up')).status, 401)
})

test('pages neither repeat nor leave out a message, whatever comes meanwhile and however many came at once', async () => {
  const records = Array.from({ length: 7 }, () => waiting(api.store, ana.id))
  await Promise.all(records)
  await api.store.db.collection('messages').updateMany({}, { $set: { createdAt: new Date(Date.now() - 1000) } })
  const ids = (await Promise.all(records)).sort().reverse()
  for (const filter of ['', '&status=queued', '&instance=sales']) {
    const seen: unknown[] = []
    let cursor = ''
    for (let page = 0; page === 0 || cursor !== ''; page++) {
      const answer = await ana.get(`/v1/messages?limit=2${filter}${cursor && `&cursor=${cursor}`}`)
      seen.push(...idsOf(answer))
      const { next } = answer.body
      cursor = typeof next === 'string' ? next : ''
      if (page === 0) await waiting(api.store, ana.id)
    }
    assert.deepEqual(
      seen.filter((id) => ids.some((each) => each === id)),
      ids,
      filter,
    )
    assert.equal(new Set(seen).size, seen.length)
  }
})

test("a cursor that names another's message shows one's own messages only", async () => {
  const own = await waiting(api.store, ana.id)
  const foreign = await waiting(api.store, bob.id)
  await waiting(api.store, bob.id)
  const { createdAt } = await rowOf(api.store, foreign)
  const cursor = `${(createdAt.getTime() + 60_000).toString(36)}@${foreign}`
  assert.deepEqual(idsOf(await ana.get(`/v1/messages?cursor=${cursor}`)), [own])
})

test('what each message waits for, and until when, is told as for one alone, in as many reads for many as for one', async () => {
  const numbers = Array.from({ length: 20 }, (_, n) => `+55119999920${String(n).padStart(2, '0')}`)
  const shop = await openInstance('shop', { recipientGapMs: 3_600_000 })
  const bulk = await openInstance('bulk', { newContactsPerDay: 1 })
  const day = new Date().toISOString().slice(0, 10)
  await api.store.paceAccounts.reserve(bulk, 'new', { day, want: 1, cap: 1, warmsUp: false })
  const sent = { instanceId: shop, at: Date.now(), keyId: 'k', remoteJid: undefined }
  await api.store.contacts.record(numbers.slice(10).map((number) => ({ ...sent, number })))

  await waiting(api.store, ana.id, { instance: 'bulk', instanceId: bulk, to: '+5511999992099' })
  const few = await readsOf(() => ana.get('/v1/messages?limit=100'))
  for (const to of numbers) await waiting(api.store, ana.id, { instance: 'shop', instanceId: shop, to })
  await waiting(api.store, ana.id, { sendAt: new Date(Date.now() + 60_000).toISOString() })
  await retrying({ instance: 'shop', instanceId: shop, to: '+5511999992098' })
  await failed(api.store, ana.id)
  const many = await readsOf(() => ana.get('/v1/messages?limit=100'))
  assert.deepEqual(many.reads, few.reads)

  const listed = dataOf(many.answer).map((each) => Object(each))
  const alone = await Promise.all(listed.map(({ id }) => ana.get(`/v1/messages/${id}`)))
  const told = (message: Record<string, unknown>) => [message['waitingFor'], message['expectedAt']]
  assert.deepEqual(
    listed.map(told),
    alone.map(({ body }) => told(body)),
  )
  assert.deepEqual([...new Set(listed.map(({ waitingFor }) => String(waitingFor)))].sort(), [
    'daily-cap',
    'pace',
    'recipient',
    'retry',
    'schedule',
    'undefined',
  ])
})

/** Returns its id when the API knows it. */
async function openInstance(name: string, limits: Omit<Pace, 'perMinute' | 'burst'>): Promise<string> {
  const made = await api.store.instances.create({
    name,
    owner: ana.id,
    evolutionToken: 't',
    webhookSecretHash: 'h',
    state: 'open',
    pace: { perMinute: 60, burst: 5, ...limits },
  })
  assert.ok(made !== 'name-taken')
  assert.equal((await ana.get(`/v1/instances/${name}`)).status, 200)
  return made.id
}

/** One whose attempt failed a moment ago, and which is tried again in a minute. */
async function retrying(changes: Parameters<typeof waiting>[2]): Promise<void> {
  const id = await waiting(api.store, ana.id, changes)
  await api.store.ledger.claim({ ids: [id], token: id, by: 'p' })
  const attempt = { number: 1, startedAt: new Date(), durationMs: 1, outcome: 'retry' } as const
  const nextAttemptAt = new Date(Date.now() + 60_000)
  await api.store.ledger.recordOutcomes([{ id, claim: id, attempt, counted: true, status: 'queued', nextAttemptAt }])
}

/** By collection, how often the database was read from for an answer, of what a message can wait on. */
async function readsOf(ask: () => Promise<Answer>): Promise<{ answer: Answer; reads: unknown[] }> {
  const { db } = api.store
  await db.command({ profile: 2 })
  const answer = await ask()
  await db.command({ profile: 0 })
  const reads = await db
    .collection('system.profile')
    .aggregate([
      { $match: { op: { $in: ['query', 'getmore'] }, ns: { $regex: '[.](messages|contacts|pace)$' } } },
      { $group: { _id: '$ns', count: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ])
    .toArray()
  await db.collection('system.profile').drop()
  return { answer, reads }
}

function dataOf({ status, body }: Answer): unknown[] {
  assert.equal(status, 200, JSON.stringify(body))
  const { data } = body
  assert.ok(Array.isArray(data))
  return data
}

function idsOf(answer: Answer): unknown[] {
  return dataOf(answer).map((each) => Object(each).id)
}
