import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { failed, waiting } from './ledger-messages.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi({ env: { MESSAGE_RETENTION_DAYS: '40', AUDIT_RETENTION_DAYS: '50', REDACT_AFTER_HOURS: '48' } })
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
})
after(() => api.stop())

describe('usage', () => {
  const today = new Date().toISOString().slice(0, 10)
  const counts = { accepted: 3, sent: 2, failed: 1, unknown: 0 }
  before(() =>
    api.store.usage.add([
      { day: today, user: ana.id, instance: 'sales', ...counts },
      { day: '2020-01-01', user: ana.id, instance: 'sales', ...counts },
      { day: today, user: bob.id, instance: 'sales', ...counts },
    ]),
  )

  test('is of the caller alone, of the last 30 days unless he says otherwise', async () => {
    assert.deepEqual((await ana.get('/v1/usage')).body, {
      data: [{ day: today, instance: 'sales', ...counts }],
      next: null,
    })
    const { body } = await ana.get('/v1/usage?from=2020-01-01&limit=1')
    assert.equal([body['data']].flat().length, 1)
    const rest = await ana.get(`/v1/usage?from=2020-01-01&cursor=${String(body['next'])}`)
    assert.deepEqual(rest.body, { data: [{ day: '2020-01-01', instance: 'sales', ...counts }], next: null })
    assert.deepEqual((await ana.get('/v1/usage?instance=other')).body, { data: [], next: null })
  })

  test('is of all users for an administrator, or of one', async () => {
    const { body } = await api.admin.get('/v1/admin/usage')
    assert.deepEqual(
      new Set([body['data']].flat().map((each: unknown) => Object(each).user)),
      new Set([ana.id, bob.id]),
    )
    const one = await api.admin.get(`/v1/admin/usage?user=${bob.id}`)
    assert.deepEqual(one.body, { data: [{ day: today, user: bob.id, instance: 'sales', ...counts }], next: null })
    assert.equal((await ana.get('/v1/admin/usage')).body['code'], 'forbidden')
  })

  test('refuses what is no day', async () => {
    assert.deepEqual(faultyFields(await ana.get('/v1/usage?from=2027-02-30&cursor=x&user=y')), [
      'cursor',
      'from',
      'user',
    ])
  })
})

test('an administrator sees how long things are kept, and by which variable', async () => {
  const { body } = await api.admin.get('/v1/admin/retention')
  assert.deepEqual(body, {
    days: {
      messages: 40,
      undecodable: 40,
      audit: 50,
      events: 7,
      webhookDeliveries: 7,
      usage: 400,
      erasures: 90,
      operations: 30,
      topics: 7,
    },
    contentHours: 48,
    configuredBy: {
      messages: 'MESSAGE_RETENTION_DAYS',
      undecodable: 'MESSAGE_RETENTION_DAYS',
      contentHours: 'REDACT_AFTER_HOURS',
      audit: 'AUDIT_RETENTION_DAYS',
    },
  })
  assert.equal((await ana.get('/v1/admin/retention')).body['code'], 'forbidden')
})

test('a dead letter whose content is gone is shown so, and refused when it is to be sent again', async () => {
  const id = await failed(api.store, ana.id)
  await api.store.ledger.redact({ now: new Date(Date.now() + 1000), afterMs: 1, limit: 10 })
  assert.equal((await ana.post(`/v1/dead-letters/${id}/replay`)).body['code'], 'content-removed')
  const { body } = await ana.get(`/v1/messages/${id}`)
  assert.deepEqual(
    [typeof body['redacted'], 'text' in body, body['to'], body['status']],
    ['string', false, '+5511999991000', 'failed'],
  )
  assert.deepEqual((await ana.post('/v1/dead-letters/replay', { all: true })).body, {
    replayed: 0,
    skipped: 1,
    next: null,
  })
})

test('the overview says how each part does, names the part that is missing, and no recipient', async () => {
  assert.equal((await ana.get('/v1/admin/overview')).body['code'], 'forbidden')
  await api.store.db.collection('messages').deleteMany({})
  assert.equal((await ana.post('/v1/instances', { name: 'open' })).status, 201)
  const instances = await api.store.instances.changedSince(undefined)
  const instanceId = instances.find(({ name }) => name === 'open')?.id ?? assert.fail()
  await api.store.instances.setState(instanceId, 'open')
  const later = new Date(Date.now() + 3_600_000).toISOString()
  await waiting(api.store, ana.id, { instanceId })
  await waiting(api.store, ana.id, { instanceId, sendAt: later })
  await waiting(api.store, ana.id, { instanceId: 'gone' })
  const dead = await failed(api.store, ana.id, { instanceId })
  const recent = { accepted: 4, sent: 3, failed: 1 }
  await api.store.processes.beat('one', { due: 2, evolutionDown: ['default'], recent, partitions: [0, 3] })
  await api.store.processes.beat('two', { due: 5, evolutionDown: [] })
  await until('the directory knows the state', async () => {
    const { body } = await api.admin.get('/v1/admin/overview')
    return Object(Object(body['messages']).waitingFor).turn === 1
  })
  const { body } = await api.admin.get('/v1/admin/overview')
  const { messages, consumers, kafka, deadLetters, missing, instances: counted } = body
  assert.deepEqual(counted, { open: 1, connecting: 0, close: 0, paused: 0 })
  assert.deepEqual(Object(messages).waitingFor, { schedule: 1, retry: 0, paused: 0, instance: 1, turn: 1 })
  assert.deepEqual([Object(messages).sending, Object(messages).isWhole], [0, true])
  assert.ok(Date.parse(Object(messages).oldestDueAt) <= Date.now())
  const [longest] = Object(messages).longestWaiting
  assert.deepEqual(
    [longest.waiting, longest.waitingFor, typeof longest.oldestDueAt],
    [1, longest.instance === 'open' ? 'turn' : 'instance', 'string'],
  )
  assert.equal(Object(consumers).due, 7)
  assert.deepEqual(
    Object(consumers).living.map((each: unknown) => Object(each).partitions),
    [[0, 3], []],
  )
  assert.deepEqual(Object(consumers).recent, { minutes: 5, ...recent })
  assert.deepEqual(Object(consumers).evolution, [{ server: 'default', heldBy: 1 }])
  assert.deepEqual(
    [kafka].flat().map((each: unknown) => [Object(each).partitions, Object(each).members]),
    [
      [4, 0],
      [4, 0],
    ],
  )
  assert.deepEqual(
    [deadLetters].flat().map((each: unknown) => Object(each).id),
    [dead],
  )
  assert.deepEqual(missing, [])
  assert.ok(!JSON.stringify(body).includes('99999'))
})
