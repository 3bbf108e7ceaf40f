import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isPhoneNumber } from '@whatsapp-sender/contract'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { ingest } from './ledger-messages.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  bob = await api.user('bob@example.com')
  for (const [user, name] of [
    [ana, 'anas'],
    [bob, 'bobs'],
  ] as const) {
    assert.equal((await user.post('/v1/instances', { name })).status, 201)
  }
})
after(() => api.stop())

const LIST = '/v1/suppressions'

describe('a suppression list', () => {
  test('is kept by hand: added with a reason, read, changed, listed, taken off', async () => {
    const one = `${LIST}/+5511999991001`
    const added = await ana.call('PUT', one, { reason: 'asked by phone' })
    assert.equal(added.status, 200)
    const { at, ...rest } = added.body
    assert.ok(Math.abs(Date.parse(String(at)) - Date.now()) < 60_000)
    assert.deepEqual(rest, { number: '+5511999991001', reason: 'asked by phone', source: 'api' })
    assert.deepEqual((await ana.get(`${LIST}/5511999991001`)).body, added.body)
    assert.deepEqual((await ana.get(LIST)).body, { data: [added.body], next: null })
    assert.deepEqual((await ana.call('PUT', one)).body, { number: '+5511999991001', source: 'api', at })
    assert.equal((await ana.call('DELETE', one)).status, 204)
    for (const answer of [await ana.call('DELETE', one), await ana.get(one)]) {
      assert.deepEqual([answer.status, answer.body['code']], [404, 'suppression-not-found'])
    }
  })

  test('takes many numbers in one call and says which rows are none', async () => {
    const numbers = ['+5511999992000', 'x', '11 99999-2001', 7, '+5511999992002']
    const { status, body } = await ana.post(LIST, { numbers, reason: 'old list' })
    assert.equal(status, 200)
    assert.equal(body['listed'], 3)
    const refused: unknown = body['refused']
    assert.ok(Array.isArray(refused))
    assert.deepEqual(
      refused.map(({ row }: { row: number }) => row),
      [1, 3],
    )
    const first = await ana.get(`${LIST}?limit=2`)
    const second = await ana.get(`${LIST}?limit=2&cursor=${String(first.body['next'])}`)
    const seen = [first, second].flatMap(({ body: page }) => (Array.isArray(page['data']) ? page['data'] : []))
    assert.deepEqual(
      new Set(seen.map((each: { number: string }) => each.number)),
      new Set(['+5511999992000', '+5511999992001', '+5511999992002']),
    )
    assert.equal(second.body['next'], null)
  })

  test('refuses what is no number, no list or too much', async () => {
    assert.deepEqual(faultyFields(await ana.call('PUT', `${LIST}/12`)), ['number'])
    assert.deepEqual(faultyFields(await ana.call('PUT', `${LIST}/+5511999991001`, { why: 'x' })), ['why'])
    assert.deepEqual(faultyFields(await ana.post(LIST, { numbers: [] })), ['numbers'])
    const many = Array.from({ length: 10_001 }, () => '+5511999991001')
    assert.deepEqual(faultyFields(await ana.post(LIST, { numbers: many })), ['numbers'])
    assert.deepEqual(faultyFields(await ana.get(`${LIST}?cursor=x`)), ['cursor'])
    assert.equal((await api.anybody.post(LIST, 'no json')).status, 401)
  })
})

describe('accepting a message to a number on the list', () => {
  const message = (to: string, instance = 'anas') => ({ instance, to, text: 'olá' })

  test('is refused from the next request on, in every form of the number, and only to this user', async () => {
    await ana.call('PUT', `${LIST}/+5531988883000`)
    const before = await api.topics.countMessages()
    for (const to of ['+5531988883000', '+553188883000']) {
      const { status, body } = await ana.post('/v1/messages', message(to))
      assert.deepEqual([status, body['code']], [422, 'suppressed'])
    }
    const checked = await ana.post('/v1/messages', { ...message('+5531988883000'), validateOnly: true })
    assert.deepEqual([checked.status, checked.body['code']], [422, 'suppressed'])
    const old = await ana.post('/whatsappsender/message', {
      instance: 'anas',
      recipient_number: '5531988883000',
      message: 'olá',
    })
    assert.equal(old.status, 422)
    assert.equal(await api.topics.countMessages(), before)
    assert.equal((await bob.post('/v1/messages', message('+5531988883000', 'bobs'))).status, 202)
    await ana.call('DELETE', `${LIST}/+5531988883000`)
    assert.equal((await ana.post('/v1/messages', message('+5531988883000'))).status, 202)
  })

  test('refuses the row of a batch and accepts the others', async () => {
    await ana.call('PUT', `${LIST}/+5511999993000`)
    const rows = ['+5511999993001', '+5511999993000', '+5511999993002'].map((to) => message(to))
    const { status, body } = await ana.post('/v1/messages/batch', { messages: rows })
    assert.equal(status, 202)
    const results: unknown = body['results']
    assert.ok(Array.isArray(results))
    assert.deepEqual(
      results.map((row: { status: string; code?: string }) => row.code ?? row.status),
      ['accepted', 'suppressed', 'accepted'],
    )
  })

  test('answers as before what was accepted under its key before', async () => {
    const headers = { 'idempotency-key': 'before the word' }
    const first = await ana.post('/v1/messages', message('+5511999994000'), headers)
    const record = (await api.topics.messages()).find(({ id }) => id === first.body['id'])
    assert.ok(record)
    await ingest(api.store, record)
    await ana.call('PUT', `${LIST}/+5511999994000`)
    const again = await ana.post('/v1/messages', message('+5511999994000'), headers)
    assert.deepEqual([again.status, again.body], [202, first.body])
  })

  test('is refused within seconds when another process has put it there', async () => {
    const instance = await api.store.instances.findByName('anas')
    const number = '+5511999995000'
    assert.ok(instance && isPhoneNumber(number))
    await api.store.suppressions.optOut([{ instanceId: instance.id, number, word: 'SAIR', at: new Date() }])
    await until('it is refused', async () => {
      const { status } = await ana.post('/v1/messages', { ...message('+5511999995000'), validateOnly: true })
      return status === 422
    })
    assert.equal((await ana.get(`${LIST}/+5511999995000`)).body['source'], 'inbound')
  })
})

describe('between users', () => {
  test('nobody sees or changes the list of another', async () => {
    await ana.call('PUT', `${LIST}/+5511999996000`, { reason: 'CANARY' })
    assert.doesNotMatch(JSON.stringify((await bob.get(LIST)).body), /CANARY|5511999996000/)
    assert.equal((await bob.get(`${LIST}/+5511999996000`)).status, 404)
    assert.equal((await bob.call('DELETE', `${LIST}/+5511999996000`)).status, 404)
    assert.equal((await ana.get(`${LIST}/+5511999996000`)).status, 200)
    assert.ok(!api.logs().includes('5511999996000'))
  })
})
