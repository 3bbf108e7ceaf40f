import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { campaignMessageId, type MessageRecord, textOf } from '@whatsapp-sender/contract'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { countRows, createCampaign, csvOf, listOf, putRows, recipient, statusOf } from './campaign-calls.ts'
import { waiting } from './ledger-messages.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  for (const name of ['sales', 'support', 'gone']) {
    assert.equal((await ana.post('/v1/instances', { name })).status, 201)
  }
})
after(() => api.stop())

describe('the rows of a campaign that runs', () => {
  test('become messages in their order, a thousand of an instance before one has ended', {
    timeout: 300_000,
  }, async () => {
    const id = await createCampaign(ana, { metadata: { team: 'a' } })
    await putRows(ana, id, csvOf(1200))
    assert.equal((await ana.post(`/v1/campaigns/${id}/start`)).body['status'], 'running')
    await until('a thousand are in Kafka', async () => (await recordsOf(id)).length === 1000)
    // Nothing of them is in the ledger yet, and nothing has ended.
    await ingestAll(await recordsOf(id))
    const neighbour = await createCampaign(ana, { instance: 'support' })
    await putRows(ana, neighbour, csvOf(1))
    await ana.post(`/v1/campaigns/${neighbour}/start`)
    await until('a later campaign has its turn', async () => (await recordsOf(neighbour)).length === 1)
    assert.equal((await recordsOf(id)).length, 1000)

    const messages = await recordsOf(id)
    assert.deepEqual(
      messages.map((message) => [message.id, message.to, textOf(message)]),
      messages.map((_, n) => [campaignMessageId(id, n + 2), recipient(n), `number ${n}`]),
    )
    assert.ok(messages.every(({ priority, metadata }) => priority === 'bulk' && metadata?.['team'] === 'a'))
    assert.equal(await countRows(api), 200)

    const some = messages.slice(0, 100)
    for (const message of some) assert.equal((await ana.post(`/v1/messages/${message.id}/cancel`)).status, 200)
    await until('as many more are in Kafka', async () => (await recordsOf(id)).length === 1100)
    await until('the rows of these are gone', async () => (await countRows(api)) === 100)
    const { body } = await ana.get(`/v1/campaigns/${id}`)
    assert.deepEqual(body['progress'], {
      accepted: 1100,
      waiting: 1000,
      sent: 0,
      delivered: 0,
      read: 0,
      failed: 0,
      cancelled: 100,
      refused: 0,
      eta: Object(body['progress']).eta,
    })
    await ana.post(`/v1/campaigns/${id}/cancel`)
  })

  test('that cannot be sent any more are refused when their turn comes, and told by their line', async () => {
    const id = await createCampaign(ana, { instance: 'support' })
    await putRows(ana, id, csvOf(3))
    const suppression = `/v1/suppressions/${encodeURIComponent(recipient(1))}`
    assert.equal((await ana.call('PUT', suppression, {})).status, 200)
    await ana.post(`/v1/campaigns/${id}/start`)
    await until('the others are in Kafka', async () => (await recordsOf(id)).length === 2)
    await until('it is told', async () => {
      const faults = listOf(await ana.get(`/v1/campaigns/${id}/faults`), 'data')
      return faults.length === 1 && faults[0]?.['line'] === 3 && faults[0]['code'] === 'suppressed'
    })
    assert.equal((await ana.call('DELETE', suppression)).status, 204)
    await ana.post(`/v1/campaigns/${id}/cancel`)
  })

  test('go when their recipient is erased, and the campaign goes on with the others and counts what went', async () => {
    await until('no row of the campaigns before is left', async () => (await countRows(api)) === 0)
    const bob = await api.user('bob@example.com')
    assert.equal((await bob.post('/v1/instances', { name: 'bobs' })).status, 201)
    const his = await createCampaign(bob, { instance: 'bobs' })
    // To whom nothing else was sent.
    const file = ['to,text', ...[0, 1, 2].map((n) => `${recipient(7000 + n)},number ${n}`)].join('\n')
    await putRows(bob, his, file)
    const id = await createCampaign(ana, { instance: 'support' })
    await putRows(ana, id, file)
    // The same phone, without Brazil's ninth digit.
    const number = recipient(7001).replace('+55119', '+5511')
    const { body: ordered } = await ana.post('/v1/persons/erase', { number })
    const order = async () => (await ana.get(`/v1/persons/erasures/${String(ordered['id'])}`)).body
    await until('it is done', async () => (await order())['status'] === 'done')
    assert.deepEqual((await order())['done'], { rows: 1, cancelled: 0, messages: 0, contacts: 0, suppressions: 0 })
    assert.equal(await countRows(api), 5)
    await ana.post(`/v1/campaigns/${id}/start`)
    await until('the others are in Kafka', async () => (await recordsOf(id)).length === 2)
    const records = await recordsOf(id)
    assert.deepEqual(
      records.map(({ to }) => to),
      [recipient(7000), recipient(7002)],
    )
    await ingestAll(records)
    const shown = async () => (await ana.get(`/v1/campaigns/${id}`)).body
    const { progress, rows } = await shown()
    assert.deepEqual(rows, { total: 3, valid: 3, faulty: 0, erased: 1 })
    const { accepted, waiting: waits, refused } = Object(progress)
    assert.deepEqual([accepted, waits, refused], [2, 2, 0])
    for (const message of records) await ana.post(`/v1/messages/${message.id}/cancel`)
    await until('it is done', async () => (await statusOf(ana, id)) === 'done')
    const { waiting: left, cancelled, refused: atLast } = Object((await shown())['progress'])
    assert.deepEqual([left, cancelled, atLast], [0, 2, 0])
    await bob.post(`/v1/campaigns/${his}/cancel`)
    await until('his rows are gone', async () => (await countRows(api)) === 0)
  })

  test('are given up when their instance is not there any more', async () => {
    const id = await createCampaign(ana, { instance: 'gone' })
    await putRows(ana, id, csvOf(3))
    assert.equal((await ana.call('DELETE', '/v1/instances/gone')).status, 204)
    assert.equal((await ana.post('/v1/instances', { name: 'gone' })).status, 201)
    await ana.post(`/v1/campaigns/${id}/start`)
    await until('it has failed', async () => (await statusOf(ana, id)) === 'failed')
    assert.equal(Object((await ana.get(`/v1/campaigns/${id}`)).body['reason']).code, 'instance-deleted')
    assert.deepEqual(await recordsOf(id), [])
    await until('no row is left', async () => (await countRows(api)) === 0)
  })

  test('stay where they are while it is paused, whatever is said to it too early or too late', async () => {
    const id = await createCampaign(ana, { instance: 'support' })
    for (const what of ['start', 'pause', 'resume']) {
      assert.equal((await ana.post(`/v1/campaigns/${id}/${what}`)).body['code'], 'wrong-campaign-status', what)
    }
    await putRows(ana, id, csvOf(2))
    await ana.post(`/v1/campaigns/${id}/start`)
    await until('they are in Kafka', async () => (await recordsOf(id)).length === 2)
    await ana.post(`/v1/campaigns/${id}/pause`)
    // They come into the ledger when it is paused already.
    const records = await recordsOf(id)
    await ingestAll(records)
    const [first = ''] = records.map((record) => record.id)
    const waitsFor = async () => (await ana.get(`/v1/messages/${first}`)).body['waitingFor']
    await until('they are held', async () => (await waitsFor()) === 'campaign')
    assert.deepEqual(await api.store.ledger.claim({ ids: [first], token: 't', by: 'p' }), new Set())
    await ana.post(`/v1/campaigns/${id}/resume`)
    await until('they wait for their turn again', async () => (await waitsFor()) !== 'campaign')
    await ana.post(`/v1/campaigns/${id}/cancel`)
    await until('they are cancelled', async () => {
      return (await ana.get(`/v1/messages/${first}`)).body['status'] === 'cancelled'
    })
  })
})

test('messages are found by their campaign and by their batch', async () => {
  const [campaign, batch] = [crypto.randomUUID(), crypto.randomUUID()]
  const inCampaign = await waiting(api.store, ana.id, { campaign })
  const inBatch = await waiting(api.store, ana.id, { batch })
  await waiting(api.store, 'other', { campaign, batch })
  for (const [query, id] of [
    [`campaign=${campaign}`, inCampaign],
    [`campaign=${campaign}&status=queued`, inCampaign],
    [`batch=${batch}`, inBatch],
  ]) {
    const found = listOf(await ana.get(`/v1/messages?${query}`), 'data')
    assert.deepEqual(
      found.map((message) => message['id']),
      [id],
      query,
    )
  }
  assert.equal((await ana.get(`/v1/messages/${inCampaign}`)).body['campaign'], campaign)
  assert.deepEqual(listOf(await ana.get(`/v1/messages?batch=${batch}&campaign=${campaign}`), 'data'), [])
  assert.equal((await ana.post('/v1/messages/cancel', { campaign })).body['cancelled'], 1)
})

async function ingestAll(records: readonly MessageRecord[]): Promise<void> {
  const at = Date.now()
  const messages = records.map((record, n) => ({ record, appendedAt: at, offset: BigInt(n), wake: false }))
  await api.store.ledger.insert(messages, new Date())
}

async function recordsOf(campaign: string) {
  return (await api.topics.messages()).filter((record) => record.campaign === campaign)
}
