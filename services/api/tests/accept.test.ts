import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { messageIdFor, partitionOf } from '@whatsapp-sender/contract'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  assert.equal((await ana.post('/v1/instances', { name: 'sales' })).status, 201)
})
after(() => api.stop())

const MESSAGE = { instance: 'sales', to: '5511999991000', text: 'olá' }

describe('accepting a message', () => {
  test('answers 202 with id and Location once the record is in the topic, under the instance as its key', async () => {
    const before = await api.topics.countMessages()
    const { status, headers, body } = await ana.post('/v1/messages', MESSAGE)
    assert.equal(status, 202)
    assert.equal(await api.topics.countMessages(), before + 1)
    assert.equal(headers.get('location'), `/v1/messages/${String(body['id'])}`)
    assert.deepEqual(body['links'], { self: `/v1/messages/${String(body['id'])}` })
    const record = (await api.topics.messages()).find(({ id }) => id === body['id'])
    assert.equal(record?.to, '+5511999991000')
    assert.equal(record?.user, ana.id)
    assert.equal(record?.onAmbiguous, 'resend')
    for (const { key, partition } of await api.topics.partitions()) assert.equal(partition, partitionOf(key, 4))
  })

  test('takes JSON as clients label it: with a charset, in capitals, after a byte order mark', async () => {
    for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/json']) {
      const body = Buffer.from(`\ufeff${JSON.stringify(MESSAGE)}`)
      assert.equal((await ana.post('/v1/messages', body, { 'content-type': type })).status, 202)
    }
  })

  test('loses and doubles nothing that was acknowledged to many callers at once', async () => {
    const before = new Set((await api.topics.messages()).map(({ id }) => id))
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => ana.post('/v1/messages', { ...MESSAGE, text: `number ${i}` })),
    )
    assert.ok(answers.every(({ status }) => status === 202))
    const accepted = answers.map(({ body }) => String(body['id'])).sort()
    const stored = (await api.topics.messages()).map(({ id }) => id).filter((id) => !before.has(id))
    assert.deepEqual(stored.sort(), accepted)
  })

  test('the same Idempotency-Key gives the same message id, with nothing ingested yet', async () => {
    const headers = { 'idempotency-key': 'order 17' }
    const first = await ana.post('/v1/messages', MESSAGE, headers)
    const second = await ana.post('/v1/messages', MESSAGE, headers)
    assert.equal(first.body['id'], messageIdFor(ana.id, 'order 17'))
    assert.deepEqual(second.body, first.body)
  })

  test('a key whose message is in the ledger is answered as the first time, and refused with another body', async () => {
    const headers = { 'idempotency-key': 'order 18' }
    const first = await ana.post('/v1/messages', MESSAGE, headers)
    await ingest(String(first.body['id']))
    const before = await api.topics.countMessages()
    const second = await ana.post('/v1/messages', MESSAGE, headers)
    assert.equal(second.status, 202)
    assert.deepEqual(second.body, first.body)
    assert.equal(second.headers.get('idempotent-replayed'), 'true')
    const other = await ana.post('/v1/messages', { ...MESSAGE, text: 'another' }, headers)
    assert.equal(other.status, 422)
    assert.equal(other.body['code'], 'idempotency-key-reused')
    assert.equal((await ana.post('/v1/messages', MESSAGE, headers)).status, 202)
    assert.equal(await api.topics.countMessages(), before)
  })

  test('one key with two bodies at once gives one 202: the other is refused', async () => {
    const headers = { 'idempotency-key': 'order 19' }
    const before = await api.topics.countMessages()
    const answers = await Promise.all(
      ['first', 'second', 'third'].map((text) => ana.post('/v1/messages', { ...MESSAGE, text }, headers)),
    )
    assert.deepEqual(answers.map(({ status }) => String(status)).sort(), ['202', '422', '422'])
    assert.equal(await api.topics.countMessages(), before + 1)
  })

  test('the old route honours an Idempotency-Key as well', async () => {
    const headers = { 'idempotency-key': 'order 20' }
    const body = { instance: 'sales', recipient_number: '5511999991000', message: 'olá' }
    const first = await ana.post('/whatsappsender/message', body, headers)
    assert.equal(first.body['messageId'], messageIdFor(ana.id, 'order 20'))
    assert.deepEqual((await ana.post('/whatsappsender/message', body, headers)).body, first.body)
    assert.equal((await ana.post('/whatsappsender/message', { ...body, message: 'x' }, headers)).status, 422)
  })

  test('a message can be read as soon as its row is there, with what it waits for', async () => {
    const { body } = await ana.post('/v1/messages', { ...MESSAGE, to: '+5511999991007' })
    const reading = ana.get(`/v1/messages/${String(body['id'])}`)
    await ingest(String(body['id']))
    const { status, body: message } = await reading
    assert.equal(status, 200)
    assert.equal(message['status'], 'queued')
    assert.equal(message['waitingFor'], 'pace')
    assert.deepEqual(message['attempts'], [])
    assert.equal(message['text'], 'olá')
  })

  test('the old route takes both spellings of its fields', async () => {
    const spellings = [
      { instance: 'sales', recipient_number: '5511999991000', message: 'olá' },
      {
        sender_instance: 'sales',
        receiver_number: '5511999991000',
        message: Buffer.from('olá').toString('base64'),
        is_message_base64: true,
        receiver_name: 'Bia',
        attachment_path: '',
        sent: false,
      },
    ]
    for (const body of spellings) {
      const answer = await ana.post('/whatsappsender/message', body)
      assert.equal(answer.status, 202)
      const record = (await api.topics.messages()).find(({ id }) => id === answer.body['messageId'])
      assert.deepEqual(record?.content, { text: 'olá' })
    }
    const lines = (
      Buffer.from('olá '.repeat(1000))
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\r\n')
    const wrapped = { ...spellings[0], message: `${lines}\r\n`, is_message_base64: true }
    assert.equal((await ana.post('/whatsappsender/message', wrapped)).status, 202)
    const refused = await ana.post('/whatsappsender/message', { ...spellings[0], attachment_path: '/tmp/a.png' })
    assert.equal(refused.status, 400)
    assert.deepEqual(faultyFields(refused), ['attachment_path'])
    assert.match(String(refused.body['message']), /POST \/v1\/messages/)
  })
})

/** As the consumer does. */
async function ingest(id: string): Promise<void> {
  const record = (await api.topics.messages()).find((candidate) => candidate.id === id)
  assert.ok(record)
  await api.store.ledger.insert([{ record, appendedAt: Date.now(), offset: 0n, wake: false }], new Date())
}
