import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { textOf } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { type Answer, clientOf, faultyFields } from './client.ts'
import { ingest } from './ledger-messages.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  for (const name of ['sales', 'support']) assert.equal((await ana.post('/v1/instances', { name })).status, 201)
  const bia = await api.user('bia@example.com')
  assert.equal((await bia.post('/v1/instances', { name: 'of-bia' })).status, 201)
})
after(() => api.stop())

const BATCH = '/v1/messages/batch'

describe('many messages in one call', () => {
  test('are all in the topic when it is answered, in order, each with its own content and the same batch', async () => {
    const texts = Array.from({ length: 500 }, (_, i) => `number ${i}`)
    const messages = texts.map((text) => ({ to: '+5511999991000', text }))
    const answer = await ana.post(BATCH, { instance: 'sales', messages })
    assert.equal(answer.status, 202)
    assert.deepEqual(countsOf(answer), { accepted: 500, valid: 0, refused: 0, unavailable: 0, unknown: 0 })
    const ids = rowsOf(answer).map(({ id }) => id)
    const records = (await api.topics.messages()).filter(({ batch }) => batch === answer.body['batch'])
    assert.deepEqual(
      records.map(({ id }) => id),
      ids,
    )
    assert.deepEqual(records.map(textOf), texts)
  })

  test('go to Kafka in one request where it takes them', async () => {
    const before = await producedBatches()
    const messages = Array.from({ length: 500 }, () => ({ to: '+5511999991000', text: 'x' }))
    assert.equal((await ana.post(BATCH, { instance: 'sales', messages })).status, 202)
    assert.equal((await producedBatches()) - before, 1)
  })

  test('take one text for all, with what each recipient puts into it', async () => {
    const answer = await ana.post(BATCH, {
      instance: 'sales',
      template: 'Olá {{name}}, pedido {{ order }}.',
      priority: 'bulk',
      messages: [
        { to: '+5511999991001', variables: { name: 'Ana', order: '1' }, reference: 'r-1' },
        { to: '+5511999991002', variables: { name: '{{order}}', order: '2' }, priority: 'high', instance: 'support' },
        { to: '+5511999991003', text: 'its own text' },
        { to: '+5511999991004', variables: { name: 'Bia' } },
        { to: '+5511999991005', variables: { name: 'Bia', order: '3', ordre: '4' } },
        { to: '+5511999991006' },
        { to: '+5511999991007', text: 'both', variables: { name: 'a', order: 'b' } },
        { to: '+5511999991008', variables: { name: 'a', order: 'x'.repeat(4090) } },
      ],
    })
    assert.equal(answer.status, 202)
    assert.deepEqual(countsOf(answer), { accepted: 3, valid: 0, refused: 5, unavailable: 0, unknown: 0 })
    const rows = rowsOf(answer)
    assert.deepEqual(
      rows.map(({ errors }) => errors?.map(({ field }) => field)),
      [
        undefined,
        undefined,
        undefined,
        ['variables.order'],
        ['variables.ordre'],
        ['variables.name', 'variables.order'],
        ['variables'],
        ['text'],
      ],
    )
    const records = await api.topics.messages()
    const sent = rows.slice(0, 3).map(({ id }) => records.find((record) => record.id === id))
    assert.deepEqual(
      sent.map((record) => [record && textOf(record), record?.priority, record?.instance, record?.reference]),
      [
        ['Olá Ana, pedido 1.', 'bulk', 'sales', 'r-1'],
        ['Olá {{order}}, pedido 2.', 'high', 'support', undefined],
        ['its own text', 'bulk', 'sales', undefined],
      ],
    )
  })

  test('are judged one by one: a faulty row says why, and the others are accepted', async () => {
    const good = { to: '+5511999991000', text: 'olá' }
    const rows: [row: unknown, status: string, code?: string, field?: string][] = [
      [good, 'accepted'],
      [{ ...good, to: '12' }, 'refused', 'invalid-request', 'to'],
      [{ ...good, text: ' ' }, 'refused', 'invalid-request', 'text'],
      [{ to: good.to }, 'refused', 'invalid-request', 'text'],
      [{ ...good, more: 1 }, 'refused', 'invalid-request', 'more'],
      [{ ...good, validateOnly: true }, 'refused', 'invalid-request', 'validateOnly'],
      ['text', 'refused', 'invalid-request', 'body'],
      [{ ...good, variables: { a: 'b' } }, 'refused', 'invalid-request', 'variables'],
      [{ ...good, instance: 'none' }, 'refused', 'instance-not-found'],
      [{ ...good, instance: 'of-bia' }, 'refused', 'instance-not-found'],
      [{ ...good, expiresAt: new Date().toISOString() }, 'refused', 'invalid-request', 'expiresAt'],
      [{ ...good, expiresAt: inAnHour(), ttlSeconds: 5 }, 'refused', 'invalid-request', 'ttlSeconds'],
      [{ ...good, ttlSeconds: 5 }, 'accepted'],
    ]
    const answer = await ana.post(BATCH, {
      instance: 'sales',
      expiresAt: inAnHour(),
      messages: rows.map(([row]) => row),
    })
    assert.equal(answer.status, 202)
    assert.deepEqual(
      rowsOf(answer).map(({ status, code, errors }) => [status, code, errors?.[0]?.field]),
      rows.map(([, status, code, field]) => [status, code, field]),
    )
  })

  test('may be of any kind, checked as single ones are', async () => {
    const to = '+5511999991000'
    const picture = { url: 'https://93.184.216.34/picture.png' }
    const answer = await ana.post(BATCH, {
      instance: 'sales',
      template: 'Olá {{name}}',
      messages: [
        { to, type: 'poll', question: 'When?', options: ['Morning', 'Evening'] },
        { to, type: 'image', media: picture, caption: 'Look' },
        { to, variables: { name: 'Ana' }, linkPreview: false },
        { to, type: 'image', media: { url: 'http://example.com/a.png' } },
        { to, type: 'image', media: picture, variables: { name: 'Ana' } },
        { to, type: 'gif' },
        { to, type: 'location', latitude: 1, longitude: 181 },
        { to, type: 'template', name: 'hello', language: 'pt_BR' },
      ],
    })
    assert.equal(answer.status, 202)
    const rows = rowsOf(answer)
    assert.deepEqual(
      rows.map(({ status, code, errors }) => errors?.map(({ field }) => field) ?? code ?? status),
      ['accepted', 'accepted', 'accepted', ['media.url'], ['variables'], ['type'], ['longitude'], 'kind-not-supported'],
    )
    const records = await api.topics.messages()
    assert.deepEqual(
      rows.slice(0, 3).map(({ id }) => records.find((record) => record.id === id)?.content),
      [
        { question: 'When?', options: ['Morning', 'Evening'], selectableCount: 1 },
        { media: picture, caption: 'Look' },
        { text: 'Olá Ana', linkPreview: false },
      ],
    )
  })

  test('of which none can be accepted are a 422 that says why of each', async () => {
    const answer = await ana.post(BATCH, {
      messages: [
        { to: '1', text: 'a' },
        { to: '+5511999991000', text: 'a' },
      ],
    })
    assert.deepEqual([answer.status, answer.body['code']], [422, 'batch-refused'])
    assert.deepEqual(
      rowsOf(answer).map(({ errors }) => errors?.map(({ field }) => field)),
      [['instance', 'to'], ['instance']],
    )
  })

  test('in a wrong envelope are refused together, and nothing is queued', async () => {
    const before = await api.topics.countMessages()
    const row = { to: '+5511999991000', text: 'olá' }
    for (const [body, field] of [
      [{ instance: 'sales', messages: [] }, 'messages'],
      [{ instance: 'sales', messages: Array.from({ length: 501 }, () => row) }, 'messages'],
      [{ instance: 'sales', messages: row }, 'messages'],
      [{ instance: 'sales' }, 'messages'],
      [{ instance: 'sales', messages: [row], template: 'Olá {{first name}}' }, 'template'],
      [{ instance: 'sales', messages: [row], text: 'x' }, 'text'],
      [{ instance: 'sales', messages: [row], expiresAt: inAnHour(), ttlSeconds: 3 }, 'ttlSeconds'],
      [[row], 'body'],
    ] as const) {
      const answer = await ana.post(BATCH, body)
      assert.deepEqual([answer.status, faultyFields(answer)], [400, [field]])
    }
    assert.equal(await api.topics.countMessages(), before)
  })

  test('may be a megabyte, and above it are refused; nobody unknown gets a byte read', async () => {
    const long = {
      instance: 'sales',
      messages: Array.from({ length: 240 }, () => ({ to: '+5511999991000', text: 'x'.repeat(4096) })),
    }
    assert.equal((await ana.post(BATCH, long)).status, 202)
    const tooLong = { ...long, messages: [...long.messages, ...long.messages.slice(0, 20)] }
    assert.deepEqual(await codeOf(ana.post(BATCH, tooLong)), [413, 'too-large'])
    assert.deepEqual(await codeOf(api.anybody.post(BATCH, 'no json')), [401, 'unauthenticated'])
    assert.deepEqual(await codeOf(clientOf(api.url, 'wrong').post(BATCH, long)), [401, 'unauthenticated'])
  })

  test('a message says which batch it came with', async () => {
    const answer = await ana.post(BATCH, { instance: 'sales', messages: [{ to: '+5511999991000', text: 'olá' }] })
    const [{ id } = { id: '' }] = rowsOf(answer)
    await ingestAll([id])
    assert.equal((await ana.get(`/v1/messages/${id}`)).body['batch'], answer.body['batch'])
  })
})

describe('a batch that is sent again under its key', () => {
  const body = (texts: readonly string[]) => ({
    instance: 'sales',
    messages: texts.map((text) => ({ to: '+5511999991000', text })),
  })

  test('gives the same ids, and once it is in the ledger adds nothing', async () => {
    const headers = { 'idempotency-key': 'newsletter 1' }
    const first = await ana.post(BATCH, body(['a', 'b']), headers)
    const again = await ana.post(BATCH, body(['a', 'b']), headers)
    assert.deepEqual(again.body, first.body)
    await ingestAll(rowsOf(first).map(({ id }) => id))
    const before = await api.topics.countMessages()
    const later = await ana.post(BATCH, body(['a', 'b']), headers)
    assert.equal(later.status, 202)
    assert.deepEqual(
      rowsOf(later).map(({ id, replayed }) => [id, replayed]),
      rowsOf(first).map(({ id }) => [id, true]),
    )
    assert.equal(await api.topics.countMessages(), before)
  })

  test('with another body refuses the rows that differ, whether or not the first is in the ledger yet', async () => {
    const headers = { 'idempotency-key': 'newsletter 2' }
    const first = await ana.post(BATCH, body(['a', 'b']), headers)
    const statuses = (answer: Answer) => rowsOf(answer).map(({ status, code }) => code ?? status)
    const expected = ['accepted', 'idempotency-key-reused', 'accepted']
    assert.deepEqual(statuses(await ana.post(BATCH, body(['a', 'x', 'c']), headers)), expected)
    await ingestAll(rowsOf(first).map(({ id }) => id))
    assert.deepEqual(statuses(await ana.post(BATCH, body(['a', 'x', 'c']), headers)), expected)
  })

  test('shares no id with single messages, whatever their keys', async () => {
    const answer = await ana.post(BATCH, body(['a']), { 'idempotency-key': 'k' })
    const [{ id } = { id: '' }] = rowsOf(answer)
    for (const key of ['k', 'k0', 'k/0', 'k 0', 'k batch']) {
      const { body: single } = await ana.post(
        '/v1/messages',
        { instance: 'sales', to: '+5511999991000', text: 'a' },
        { 'idempotency-key': key },
      )
      assert.notEqual(single['id'], id)
    }
  })
})

describe('only judging', () => {
  test('a batch is answered with what each row would get, and nothing is queued', async () => {
    const before = await api.topics.countMessages()
    const answer = await ana.post(BATCH, {
      validateOnly: true,
      messages: [
        { to: '+5511999991000', text: 'a', instance: 'sales' },
        { to: '1', text: 'a', instance: 'sales' },
        { to: '+5511999991000', text: 'a', instance: 'none' },
      ],
    })
    assert.equal(answer.status, 200)
    assert.deepEqual(
      rowsOf(answer).map(({ status }) => status),
      ['valid', 'refused', 'refused'],
    )
    assert.equal(await api.topics.countMessages(), before)
  })

  test('a message is answered with 200 or with what it would be refused for, and nothing is queued', async () => {
    const before = await api.topics.countMessages()
    const message = { instance: 'sales', to: '+5511999991000', text: 'olá', validateOnly: true }
    const valid = await ana.post('/v1/messages', message)
    assert.deepEqual([valid.status, valid.body], [200, { status: 'valid' }])
    assert.deepEqual(await codeOf(ana.post('/v1/messages', { ...message, to: '1' })), [400, 'invalid-request'])
    assert.deepEqual(await codeOf(ana.post('/v1/messages', { ...message, instance: 'x' })), [404, 'instance-not-found'])
    const over = { ...message, expiresAt: new Date().toISOString() }
    assert.deepEqual(await codeOf(ana.post('/v1/messages', over)), [400, 'invalid-request'])
    assert.equal(await api.topics.countMessages(), before)
  })
})

const Rows = z.array(
  z.object({
    status: z.string(),
    id: z.string().default(''),
    code: z.string().optional(),
    replayed: z.boolean().optional(),
    errors: z.array(z.object({ field: z.string() })).optional(),
  }),
)

function rowsOf({ body }: Answer) {
  return Rows.parse(body['results'])
}

function countsOf({ body }: Answer): unknown {
  return body['counts']
}

async function codeOf(answer: Promise<Answer>) {
  const { status, body } = await answer
  return [status, body['code']]
}

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString()
}

async function ingestAll(ids: readonly string[]): Promise<void> {
  const records = await api.topics.messages()
  for (const id of ids) {
    const record = records.find((candidate) => candidate.id === id)
    assert.ok(record)
    await ingest(api.store, record)
  }
}

async function producedBatches(): Promise<number> {
  const metrics = await (await fetch(`${api.metricsUrl}/metrics`)).text()
  return Number(/^whatsapp_produce_batch_records_count\{.*topic="messages".*\} (\d+)$/m.exec(metrics)?.[1] ?? 0)
}
