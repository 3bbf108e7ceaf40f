import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { failed, ingest, rowOf, waiting } from './ledger-messages.ts'
import { until } from './until.ts'

/** The same phone to WhatsApp. */
const NUMBER = '+5511999991000'
const SHORT = '+551199991000'
const OTHER = '+5511999992000'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
})
beforeEach(async () => {
  const kept = ['messages', 'contacts', 'suppressions', 'person_erasures', 'events', 'webhook_deliveries', 'instances']
  for (const name of kept) await api.store.db.collection(name).deleteMany({})
})
after(() => api.stop())

type Caller = Pick<TestUser, 'token' | 'get' | 'post'>

async function exported(who: Caller, path: string, number = NUMBER) {
  const response = await fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ number }),
  })
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson')
  const lines = (await response.text()).trim().split('\n')
  return lines.map((line): Record<string, unknown> => JSON.parse(line))
}

async function erased(who: Caller, base: string, body: object = {}) {
  const answer = await who.post(`${base}/persons/erase`, { number: NUMBER, ...body })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  const self = `${base}/persons/erasures/${String(answer.body['id'])}`
  assert.equal(answer.headers.get('location'), self)
  await until('it is done', async () => (await who.get(self)).body['status'] === 'done')
  return (await who.get(self)).body
}

/** All that the database holds, as text. */
async function dump(...names: readonly string[]): Promise<string> {
  const all = names.length > 0 ? names : (await api.store.db.listCollections().toArray()).map(({ name }) => name)
  const docs = await Promise.all(all.map((name) => api.store.db.collection(name).find().toArray()))
  return JSON.stringify(docs)
}

async function instanceOf(user: string): Promise<string> {
  const name = `i-${randomUUID().slice(0, 8)}`
  const made = await api.store.instances.create({
    name,
    owner: user,
    evolutionToken: 't',
    webhookSecretHash: 'h',
    state: 'open',
  })
  assert.ok(made !== 'name-taken')
  return made.id
}

describe('what is kept of a person', () => {
  test('a user gets all of his own, in whatever form the number was written, and nothing of others', async () => {
    const [mine, theirs] = [await instanceOf(ana.id), await instanceOf(bob.id)]
    const ids = [
      await waiting(api.store, ana.id, { content: { text: 'one' }, reference: 'order 7' }),
      await failed(api.store, ana.id, { to: SHORT }),
    ]
    await waiting(api.store, ana.id, { to: OTHER })
    await waiting(api.store, bob.id)
    const send = { number: NUMBER, at: Date.now(), keyId: 'k', remoteJid: undefined }
    await api.store.contacts.record([
      { ...send, instanceId: mine },
      { ...send, instanceId: theirs },
    ])
    await ana.call('PUT', `/v1/suppressions/${encodeURIComponent(SHORT)}`, { reason: 'asked' })
    const lines = await exported(ana, '/v1/persons/export')
    const [first, second, contact, suppression, end] = lines
    assert.equal(lines.length, 5)
    assert.deepEqual([first?.['id'], second?.['id']], ids)
    assert.deepEqual(first?.['content'], { text: 'one' })
    assert.equal(first?.['reference'], 'order 7')
    assert.deepEqual([contact?.['kind'], contact?.['instanceId'], contact?.['number']], ['contact', mine, NUMBER])
    assert.deepEqual([suppression?.['kind'], suppression?.['reason']], ['suppression', 'asked'])
    const { person, ...counts } = end ?? {}
    assert.deepEqual(counts, { kind: 'end', messages: 2, contacts: 1, suppressions: 1 })
    assert.match(String(person), /^[0-9a-f]{32}$/)
  })

  test('an administrator gets that of everybody, however many there are', async () => {
    for (let n = 0; n < 120; n++) await waiting(api.store, n % 2 === 0 ? ana.id : bob.id)
    await bob.call('PUT', `/v1/suppressions/${encodeURIComponent(NUMBER)}`, {})
    await api.store.contacts.record([
      { instanceId: 'gone', number: NUMBER, at: 1, keyId: undefined, remoteJid: undefined },
      { instanceId: 'gone-too', number: SHORT, at: 1, keyId: undefined, remoteJid: undefined },
    ])
    const lines = await exported(api.admin, '/v1/admin/persons/export', SHORT)
    const { person: _person, ...counts } = lines.at(-1) ?? {}
    assert.deepEqual(counts, { kind: 'end', messages: 120, contacts: 2, suppressions: 1 })
    assert.equal(new Set(lines.flatMap(({ id }) => id ?? [])).size, 120)
  })
})

describe('an erasure', () => {
  test('leaves of the own messages of a user no more than that there were some', async () => {
    const instance = await instanceOf(ana.id)
    const about = { metadata: { name: 'Rosa' }, reference: `Rosa ${NUMBER}`, feed: true as const }
    const queued = await waiting(api.store, ana.id, about)
    const dead = await failed(api.store, ana.id, { ...about, to: SHORT })
    const others = [
      await waiting(api.store, bob.id, { content: { text: 'bob' } }),
      await waiting(api.store, ana.id, { to: OTHER, content: { text: 'other' } }),
    ]
    await api.store.contacts.record([
      { instanceId: instance, number: NUMBER, at: 1, keyId: 'k', remoteJid: '5511999991000@x' },
    ])
    const { endpoint } = await api.store.webhookEndpoints.create({
      user: ana.id,
      url: 'https://example.com/hook',
      fromSeq: 0,
    })
    const body = `{"to":"${NUMBER}"}`
    await api.store.webhookDeliveries.insert(
      [{ id: `${queued}:1`, endpoint: endpoint.id, user: ana.id, seq: 1, type: 'message.queued', key: queued, body }],
      new Date(),
    )
    const answer = await ana.post('/v1/persons/erase', { number: NUMBER })
    // As the consumer does, which copies what rows have to tell, and makes deliveries of it.
    await until('it is done', async () => {
      await api.store.ledger.copyOutboxes((drafts) => api.store.events.append(drafts, new Date()), 100)
      await api.store.events.advance('webhooks', await api.store.events.head())
      return (await ana.get(`/v1/persons/erasures/${String(answer.body['id'])}`)).body['status'] === 'done'
    })
    const { body: done } = await ana.get(`/v1/persons/erasures/${String(answer.body['id'])}`)
    assert.deepEqual(done['done'], { rows: 0, cancelled: 1, messages: 2, contacts: 1, suppressions: 0 })

    const rows = await Promise.all([queued, dead].map((id) => rowOf(api.store, id)))
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['cancelled', 'failed'],
    )
    assert.ok(rows.every(({ erased, expireAt, to }) => erased && expireAt && to === ''))
    await api.store.db.collection('messages').deleteMany({ user: bob.id })
    const all = await dump()
    for (const trace of ['5511999991000', '551199991000', 'Rosa', 'olá'])
      assert.ok(!all.replaceAll(OTHER, '').includes(trace), trace)
    assert.ok((await dump('events')).includes('message.cancelled'), 'events keep their places')
    assert.equal((await rowOf(api.store, others[1])).to, OTHER)
  })

  test('is of the messages of one user when a user orders it, and of those of all when an administrator does', async () => {
    const [mine, theirs] = [await failed(api.store, ana.id), await failed(api.store, bob.id)]
    await erased(ana, '/v1')
    assert.deepEqual([(await rowOf(api.store, mine)).to, (await rowOf(api.store, theirs)).to], ['', NUMBER])
    await bob.call('PUT', `/v1/suppressions/${encodeURIComponent(NUMBER)}`, {})
    await erased(api.admin, '/v1/admin')
    assert.equal((await rowOf(api.store, theirs)).to, '')
    assert.equal((await bob.get(`/v1/suppressions/${encodeURIComponent(NUMBER)}`)).status, 200, 'it still protects')
    const { done } = await erased(api.admin, '/v1/admin', { suppressions: 'erase' })
    assert.deepEqual(done, { rows: 0, cancelled: 0, messages: 0, contacts: 0, suppressions: 1 })
    assert.equal((await bob.get(`/v1/suppressions/${encodeURIComponent(NUMBER)}`)).status, 404)
  })

  test('does not let a record that is read again send again or tell of a conflict, and nothing brings it back', async () => {
    const record = { id: randomUUID(), user: ana.id, to: NUMBER }
    await waiting(api.store, ana.id, record)
    await api.store.ledger.cancel({ id: record.id, user: ana.id, by: ana.id })
    const row = await rowOf(api.store, record.id)
    await erased(ana, '/v1')
    const { open: _open, ...emptied } = await rowOf(api.store, record.id)
    await ingest(api.store, {
      v: 1,
      id: record.id,
      user: ana.id,
      instance: 'sales',
      instanceId: 'i',
      to: NUMBER,
      type: 'text',
      content: { text: 'olá' },
      bodyHash: row.bodyHash,
      priority: 'normal',
      onAmbiguous: 'hold',
      acceptedAt: new Date().toISOString(),
    })
    assert.deepEqual(await rowOf(api.store, record.id), emptied)
    const { status, body } = await ana.get(`/v1/messages/${record.id}`)
    assert.deepEqual(
      [status, body['status'], 'to' in body, 'text' in body, typeof body['erased']],
      [200, 'cancelled', false, false, 'string'],
    )
    assert.equal((await api.admin.post(`/v1/dead-letters/${record.id}/replay`)).status, 409)
    const [listed] = [(await ana.get('/v1/messages')).body['data']].flat()
    assert.ok(!('to' in Object(listed)) && 'erased' in Object(listed))
  })

  test('takes what WhatsApp made of a number, too, and finds a hidden number by its own name', async () => {
    const hidden = '123456789012345@lid'
    const [resolved, named] = [await failed(api.store, ana.id), await failed(api.store, ana.id, { to: hidden })]
    await api.store.db
      .collection<{ _id: string }>('messages')
      .updateOne({ _id: resolved }, { $set: { resolvedTo: hidden } })
    await erased(ana, '/v1')
    assert.ok(!JSON.stringify(await rowOf(api.store, resolved)).includes('@lid'))
    assert.equal((await rowOf(api.store, named)).to, hidden)
    assert.deepEqual(Object((await erased(ana, '/v1', { number: hidden }))['done']).messages, 1)
    assert.equal((await rowOf(api.store, named)).to, '')
  })

  test('does not free the idempotency key of a message for another', async () => {
    assert.equal((await ana.post('/v1/instances', { name: 'keyed' })).status, 201)
    // Not one that this process remembers to be on a suppression list.
    const to = '+5511999993000'
    const send = () => ana.post('/v1/messages', { instance: 'keyed', to, text: 'Hi' }, { 'Idempotency-Key': 'order 7' })
    const { status, body } = await send()
    assert.equal(status, 202)
    await waiting(api.store, ana.id, { id: String(body['id']), to })
    await erased(ana, '/v1', { number: to })
    assert.equal((await send()).body['code'], 'idempotency-key-reused')
  })

  test('waits for a message that is being sent, and empties it when that has ended', async () => {
    const id = await waiting(api.store, ana.id)
    await api.store.ledger.claim({ ids: [id], token: 'token', by: 'process' })
    const { body: ordered } = await ana.post('/v1/persons/erase', { number: NUMBER })
    const self = `/v1/persons/erasures/${String(ordered['id'])}`
    await until('it has looked', async () => (await ana.get(self)).body['waiting'] === 1)
    assert.equal((await ana.get(self)).body['status'], 'running')
    const again = await ana.post('/v1/persons/erase', { number: SHORT })
    assert.equal(again.body['id'], ordered['id'], 'one order for the same records at a time')
    const attempt = { number: 1, startedAt: new Date(), durationMs: 1, outcome: 'sent' } as const
    await api.store.ledger.recordOutcomes([
      { id, claim: 'token', attempt, counted: true, status: 'sent', providerMessageId: 'wamid', by: 'answer' },
    ])
    await until('it is done', async () => (await ana.get(self)).body['status'] === 'done')
    const row = await rowOf(api.store, id)
    assert.deepEqual([row.status, row.to, row.providerIds], ['sent', '', undefined])
  })
})

describe('who may', () => {
  test('is told by roles, and nobody learns of the orders of another', async () => {
    for (const path of ['/v1/admin/persons/export', '/v1/admin/persons/erase']) {
      assert.equal((await ana.post(path, { number: NUMBER })).body['code'], 'forbidden')
    }
    const { body } = await ana.post('/v1/persons/erase', { number: NUMBER })
    const path = `/v1/persons/erasures/${String(body['id'])}`
    assert.equal((await bob.get(path)).body['code'], 'erasure-not-found')
    assert.equal((await bob.get(`/v1/persons/erasures/${randomUUID()}`)).body['code'], 'erasure-not-found')
    assert.equal((await api.admin.get(path.replace('/v1/', '/v1/admin/'))).status, 200)
    await api.admin.patch(`/v1/users/${bob.id}`, { role: 'viewer' })
    assert.equal((await bob.post('/v1/persons/erase', { number: NUMBER })).body['code'], 'forbidden')
    await api.admin.patch(`/v1/users/${bob.id}`, { role: 'sender' })
  })

  test('is in the audit log with a hash of the number, and neither it nor any log line has the number', async () => {
    await exported(api.admin, '/v1/admin/persons/export')
    const { person } = await erased(ana, '/v1')
    const { body } = await api.admin.get(`/v1/audit?target=${String(person)}`)
    const acts = [body['data']].flat().map((entry: unknown) => [Object(entry).action, Object(entry).by])
    assert.ok(acts.some(([action, by]) => action === 'person.erased' && by === ana.id))
    assert.ok(acts.some(([action]) => action === 'person.exported'))
    assert.ok(!(await dump('audit')).includes('551199'))
    const lines = api.logs().split('\n')
    assert.deepEqual(
      lines.filter((line) => /99991000|9991000/.test(line)),
      [],
    )
  })

  test('is refused what is no number, and what is more than a number', async () => {
    assert.deepEqual(faultyFields(await ana.post('/v1/persons/export', { number: 'x' })), ['number'])
    assert.deepEqual(faultyFields(await ana.post('/v1/persons/erase', { number: NUMBER, user: bob.id })), ['user'])
  })
})
