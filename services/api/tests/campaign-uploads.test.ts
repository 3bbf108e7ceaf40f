import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { countRows, createCampaign, csvOf, listOf, NDJSON, openUpload, putRows, statusOf } from './campaign-calls.ts'
import { faultyFields } from './client.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser
let bia: TestUser

before(async () => {
  // A short time for requests, and a longer one for files: otherwise nobody could wait for either.
  api = await startApi({ overrides: { requestTimeoutMs: 1000, uploads: { stallMs: 3000, perUserMax: 2 } } })
  ana = await api.user('ana@example.com')
  bia = await api.user('bia@example.com')
  for (const name of ['sales', 'support']) assert.equal((await ana.post('/v1/instances', { name })).status, 201)
  assert.equal((await bia.post('/v1/instances', { name: 'of-bia' })).status, 201)
})
after(() => api.stop())

const TEMPLATE = { template: 'Olá {{name}}, pedido {{order}}.' }
const FILE = [
  'to;name;order;reference',
  '+5511999991001;Ana;1;r-1',
  '12;Bia;2;',
  '+5511999991003;"Caio; o bom";3;',
  '+5511999991004;Davi',
].join('\n')

describe('the rows of a campaign', () => {
  test('are kept as a file of CSV has them, and what is wrong is told by its line', async () => {
    const id = await createCampaign(ana, TEMPLATE)
    const { status, body } = await putRows(ana, id, FILE)
    assert.equal(status, 200)
    assert.equal(body['status'], 'ready')
    assert.deepEqual(body['rows'], { total: 4, valid: 2, faulty: 2 })
    assert.deepEqual(body['preview'], [
      { text: 'Olá Ana, pedido 1.', line: 2, instance: 'sales', to: '+5511999991001', type: 'text' },
      { text: 'Olá Caio; o bom, pedido 3.', line: 4, instance: 'sales', to: '+5511999991003', type: 'text' },
    ])
    const faults = listOf(await ana.get(`/v1/campaigns/${id}/faults`), 'data')
    assert.deepEqual(
      faults.map(({ line, code }) => [line, code]),
      [
        [3, 'invalid-request'],
        [5, 'invalid-request'],
      ],
    )
    assert.deepEqual(body['faults'], faults)
    assert.equal(await countRows(api), 2)
    await cancelled(ana, id)
  })

  test('may be of any kind and of several instances, as lines of JSON', async () => {
    const id = await createCampaign(ana, { ...TEMPLATE, metadata: { team: 'a' } })
    const rows = [
      { to: '+5511999991001', variables: { name: 'Ana', order: '1' } },
      { to: '+5511999991002', text: 'its own', instance: 'support' },
      { to: '+5511999991003', type: 'location', latitude: -23.5, longitude: -46.6 },
      { to: '+5511999991004', text: 'foreign', instance: 'of-bia' },
      { to: '+5511999991005', type: 'template', name: 'x', language: 'pt_BR' },
      { to: '+5511999991006', type: 'image', media: { url: 'https://127.0.0.1/a.png' } },
      { to: '+5511999991007' },
    ]
    const text = [...rows.map((row) => JSON.stringify(row)), '{"to":'].join('\n')
    const answer = await putRows(ana, id, text, { type: NDJSON })
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body['rows'], { total: 8, valid: 3, faulty: 5 })
    assert.deepEqual(
      listOf(answer, 'faults').map(({ line, code }) => [line, code]),
      [
        [4, 'instance-not-found'],
        [5, 'kind-not-supported'],
        [6, 'invalid-request'],
        [7, 'invalid-request'],
        [8, 'invalid-request'],
      ],
    )
    await cancelled(ana, id)
  })

  test('are judged without being kept in a dry run', async () => {
    const id = await createCampaign(ana, TEMPLATE)
    await until('no row of another is left', async () => (await countRows(api)) === 0)
    const { status, body } = await putRows(ana, id, FILE, { query: '?dryRun=true' })
    assert.equal(status, 200)
    assert.deepEqual(body['rows'], { total: 4, valid: 2, faulty: 2 })
    assert.equal(listOf({ status, body, headers: new Headers() }, 'preview').length, 2)
    assert.equal(await statusOf(ana, id), 'draft')
    assert.equal(await countRows(api), 0)
    assert.deepEqual((await ana.get(`/v1/campaigns/${id}/faults`)).body, { data: [], next: null })
    await cancelled(ana, id)
  })

  test('replace those of an earlier file', async () => {
    const id = await createCampaign(ana)
    await putRows(ana, id, csvOf(700))
    assert.deepEqual((await putRows(ana, id, csvOf(3))).body['rows'], { total: 3, valid: 3, faulty: 0 })
    await until('the first rows are gone', async () => (await countRows(api)) === 3)
    await cancelled(ana, id)
    await until('the others are gone', async () => (await countRows(api)) === 0)
  })

  test('are all gone when the file breaks off or cannot be read on, and can be sent again', async () => {
    const id = await createCampaign(ana)
    const upload = openUpload(api, ana, id)
    upload.write(csvOf(2000))
    await until('rows are kept', async () => (await countRows(api)) > 0)
    upload.cut()
    await until('it is a draft again', async () => (await statusOf(ana, id)) === 'draft')
    const unreadable = await putRows(ana, id, `${csvOf(2000)}\n+5511999991000,"a"b`)
    assert.equal(unreadable.status, 400)
    assert.deepEqual(faultyFields(unreadable), ['line 2002'])
    await until('no row is left', async () => (await countRows(api)) === 0)
    assert.equal((await putRows(ana, id, csvOf(3))).body['status'], 'ready')
    await cancelled(ana, id)
  })

  test('may come slower than any other request, as long as they come', { timeout: 60_000 }, async () => {
    const id = await createCampaign(ana)
    const slow = openUpload(api, ana, id)
    const stalled = openUpload(api, ana, await createCampaign(ana))
    stalled.write('to,text\n')
    for (const line of csvOf(8).split('\n')) {
      slow.write(`${line}\n`)
      await sleep(600)
    }
    slow.end()
    assert.equal(await slow.status, 200)
    assert.equal(await stalled.status, 408)
    await cancelled(ana, id)
  })

  test('stop coming in when the campaign is cancelled', async () => {
    const id = await createCampaign(ana)
    const upload = openUpload(api, ana, id)
    upload.write(csvOf(600))
    await until('rows are kept', async () => (await countRows(api)) > 0)
    await cancelled(ana, id)
    upload.write(csvOf(2000))
    upload.end()
    assert.equal(await upload.status, 409)
    await until('no row is left', async () => (await countRows(api)) === 0)
  })

  test('come in two files at once for nobody', async () => {
    const id = await createCampaign(ana)
    const upload = openUpload(api, ana, id)
    upload.write('to,text\n')
    await until('it comes in', async () => (await statusOf(ana, id)) === 'uploading')
    const second = await putRows(ana, id, csvOf(1))
    assert.deepEqual(
      [second.status, second.body['code'], second.body['campaignStatus']],
      [409, 'wrong-campaign-status', 'uploading'],
    )
    upload.cut()
    await until('it is a draft again', async () => (await statusOf(ana, id)) === 'draft')
    await cancelled(ana, id)
  })

  test('have to be CSV or lines of JSON, and nothing is read of what is not', async () => {
    const id = await createCampaign(ana)
    for (const type of ['application/json', 'text/csv; charset=iso-8859-1', 'text/plain']) {
      assert.equal((await putRows(ana, id, csvOf(1), { type: { 'content-type': type } })).status, 415, type)
    }
    assert.equal((await putRows(ana, id, csvOf(1), { query: '?dry=1' })).status, 400)
    await cancelled(ana, id)
  })
})

describe('a campaign', () => {
  test("is its user's alone: to others it is not there", async () => {
    const id = await createCampaign(ana)
    const calls = [
      bia.get(`/v1/campaigns/${id}`),
      bia.get(`/v1/campaigns/${id}/faults`),
      bia.post(`/v1/campaigns/${id}/cancel`),
      putRows(bia, id, csvOf(1)),
      putRows(bia, id, csvOf(1), { query: '?dryRun=true' }),
      bia.get('/v1/campaigns/00000000-0000-4000-8000-000000000000'),
    ]
    for (const { status, body } of await Promise.all(calls)) {
      assert.deepEqual([status, body['code']], [404, 'campaign-not-found'])
    }
    assert.deepEqual((await bia.get('/v1/campaigns')).body, { data: [], next: null })
    assert.equal(await statusOf(ana, id), 'draft')
    await cancelled(ana, id)
  })

  test('says what is wrong with its settings', async () => {
    const cases: [settings: object, status: number, field?: string][] = [
      [{ name: '' }, 400, 'name'],
      [{ template: 'Olá {{name' }, 400, 'template'],
      [{ to: '+5511999991000' }, 400, 'to'],
      [{ expiresAt: '2027-01-01T00:00:00Z', ttlSeconds: 5 }, 400, 'ttlSeconds'],
      [{ instance: 'of-bia' }, 404],
    ]
    for (const [settings, status, field] of cases) {
      const answer = await ana.post('/v1/campaigns', { name: 'spring', instance: 'sales', ...settings })
      assert.equal(answer.status, status)
      if (field !== undefined) assert.deepEqual(faultyFields(answer), [field])
    }
  })

  test('is made once for an idempotency key', async () => {
    const wish = { name: 'spring', instance: 'sales' }
    const key = { 'idempotency-key': 'k' }
    const [first, second] = [await ana.post('/v1/campaigns', wish, key), await ana.post('/v1/campaigns', wish, key)]
    assert.deepEqual([first.status, second.status], [201, 201])
    assert.equal(second.body['id'], first.body['id'])
    const other = await ana.post('/v1/campaigns', { ...wish, name: 'summer' }, key)
    assert.deepEqual([other.status, other.body['code']], [422, 'idempotency-key-reused'])
    await cancelled(ana, String(first.body['id']))
  })

  test('is the twentieth at most that is open', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => createCampaign(bia, { instance: 'of-bia' })))
    const more = await bia.post('/v1/campaigns', { name: 'x' })
    assert.deepEqual([more.status, more.body['code']], [409, 'too-many-campaigns'])
    const listed = listOf(await bia.get('/v1/campaigns?limit=100'), 'data').map(({ id }) => String(id))
    assert.deepEqual(listed.toSorted(), ids.toSorted())
    for (const id of ids) await cancelled(bia, id)
    await cancelled(bia, await createCampaign(bia, { instance: 'of-bia' }))
  })
})

async function cancelled(user: TestUser, id: string): Promise<void> {
  const { status, body } = await user.post(`/v1/campaigns/${id}/cancel`)
  assert.deepEqual([status, body['status']], [200, 'cancelled'])
}
