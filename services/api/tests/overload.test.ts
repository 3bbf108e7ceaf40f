import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { textOf } from '@whatsapp-sender/contract'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  const produce = {
    batchRecordsMax: 2,
    batchBytesMax: 100_000,
    batchSpacingMs: 2,
    waitingMax: 5,
    waitMsMax: 2000,
    deadlineMs: 10_000,
  }
  api = await startApi({ overrides: { produce } })
  ana = await api.user('ana@example.com')
  await ana.post('/v1/instances', { name: 'sales' })
})
after(() => api.stop())

describe('more messages than can wait', () => {
  test('are refused with 503 and Retry-After at once; only what got 202 is in the topic', async () => {
    const message = { instance: 'sales', to: '+5511999991000', text: 'olá' }
    const answers = await Promise.all(Array.from({ length: 300 }, () => ana.post('/v1/messages', message)))
    const refused = answers.filter(({ status }) => status === 503)
    const accepted = answers.filter(({ status }) => status === 202)
    assert.ok(refused.length > 0, 'nothing was refused')
    assert.equal(refused.length + accepted.length, answers.length)
    for (const { body, headers } of refused) {
      assert.equal(body['code'], 'overloaded')
      assert.ok(Number(headers.get('retry-after')) >= 1)
    }
    const stored = (await api.topics.messages()).map(({ id }) => id).sort()
    assert.deepEqual(stored, accepted.map(({ body }) => String(body['id'])).sort())
  })

  test('of a batch are accepted as far as they fit, the first ones; the others may be sent again', async () => {
    const before = await api.topics.countMessages()
    const messages = Array.from({ length: 20 }, (_, i) => ({ to: '+5511999991000', text: `row ${i}` }))
    const { status, body } = await ana.post('/v1/messages/batch', { instance: 'sales', messages })
    assert.equal(status, 202)
    assert.deepEqual(body['counts'], { accepted: 5, valid: 0, refused: 0, unavailable: 15, unknown: 0 })
    assert.equal(await api.topics.countMessages(), before + 5)
    const texts = (await api.topics.messages()).filter(({ batch }) => batch === body['batch'])
    assert.deepEqual(
      texts.map(textOf),
      messages.slice(0, 5).map(({ text }) => text),
    )
  })

  test('are counted by reason, and the log is not flooded', async () => {
    const metrics = await (await fetch(`${api.metricsUrl}/metrics`)).text()
    assert.match(metrics, /whatsapp_messages_refused_total\{reason="overloaded",service="api"\} \d+/)
    assert.doesNotMatch(api.logs(), /"level":"(error|warn)".*request failed/)
  })
})
