import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { ingest } from './ledger-messages.ts'

const GROUP = '120363041234567890@g.us'
const HIDDEN = '123456789012345@lid'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  assert.equal((await ana.post('/v1/instances', { name: 'sales' })).status, 201)
})
after(() => api.stop())

test('a message to a group or a hidden number travels as a record that older consumers wait for, and is shown as given', async () => {
  for (const to of [GROUP, HIDDEN]) {
    const { status, body } = await ana.post('/v1/messages', { instance: 'sales', to, allowJid: true, text: 'hi' })
    assert.equal(status, 202)
    const record =
      (await api.topics.messages()).find(({ id }) => id === body['id']) ?? assert.fail('it is in the topic')
    assert.deepEqual([record.v, record.to], [3, to])
    await ingest(api.store, record)
    assert.equal((await ana.get(`/v1/messages/${String(body['id'])}`)).body['to'], to)
    const listed = await ana.get(`/v1/messages?to=${encodeURIComponent(to)}`)
    assert.deepEqual(
      [listed.body['data']].flat().map((each: unknown) => Object(each).id),
      [body['id']],
    )
  }
})

test('nobody writes to a group without saying that he means to, alone or in a batch', async () => {
  for (const more of [{}, { allowJid: false }]) {
    const refused = await ana.post('/v1/messages', { instance: 'sales', to: GROUP, text: 'hi', ...more })
    assert.deepEqual([refused.status, faultyFields(refused)], [400, ['to']])
    assert.match(String(refused.body['detail']), /allowJid/)
  }
  const rows = [
    { to: GROUP, text: 'a' },
    { to: GROUP, text: 'b', allowJid: true },
    { to: '+5511999991000', text: 'c' },
  ]
  const asked = (more: object) => ana.post('/v1/messages/batch', { instance: 'sales', messages: rows, ...more })
  assert.deepEqual(statuses(await asked({})), ['refused', 'accepted', 'accepted'])
  assert.deepEqual(statuses(await asked({ allowJid: true })), ['accepted', 'accepted', 'accepted'])
  const number = { instance: 'sales', to: '+5511999991000', text: 'hi', allowJid: true }
  assert.equal((await ana.post('/v1/messages', number)).status, 202)
})

test('what has the form of no group and no hidden number is refused, allowed or not', async () => {
  for (const to of ['status@broadcast', '5511999991000@s.whatsapp.net', '1@g.us', `${GROUP}\u0000`, '../x@g.us']) {
    const refused = await ana.post('/v1/messages', { instance: 'sales', to, allowJid: true, text: 'hi' })
    assert.deepEqual([refused.status, faultyFields(refused)], [400, ['to']], to)
  }
})

test('only numbers are asked of WhatsApp, called by name, put on cards and taken by the older route', async () => {
  const check = await ana.post('/v1/numbers/check', { instance: 'sales', numbers: [GROUP] })
  assert.equal(check.status, 400)
  const group = { instance: 'sales', to: GROUP, allowJid: true }
  const mentioned = await ana.post('/v1/messages', { ...group, text: 'hi', mentions: [GROUP] })
  assert.equal(mentioned.status, 400)
  const contacts = [{ name: 'Ana', phone: GROUP }]
  assert.equal((await ana.post('/v1/messages', { ...group, type: 'contacts', contacts })).status, 400)
  const legacy = { instance: 'sales', recipient_number: GROUP, message: 'hi' }
  assert.equal((await ana.post('/whatsappsender/message', legacy)).status, 400)
})

test('a group on the suppression list is sent nothing, and is listed and taken off as a number is', async () => {
  const path = `/v1/suppressions/${encodeURIComponent(GROUP)}`
  assert.equal((await ana.call('PUT', path, { reason: 'left' })).body['number'], GROUP)
  await ana.post('/v1/suppressions', { numbers: [HIDDEN, '+5511999991000'] })
  for (const to of [GROUP, HIDDEN]) {
    const refused = await ana.post('/v1/messages', { instance: 'sales', to, allowJid: true, text: 'hi' })
    assert.deepEqual([refused.status, refused.body['code']], [422, 'suppressed'])
  }
  const seen: string[] = []
  let cursor = ''
  do {
    const page = await ana.get(`/v1/suppressions?limit=1${cursor}`)
    assert.equal(page.status, 200)
    seen.push(...[page.body['data']].flat().map((each: unknown) => String(Object(each).number)))
    cursor = typeof page.body['next'] === 'string' ? `&cursor=${encodeURIComponent(page.body['next'])}` : ''
  } while (cursor !== '')
  assert.deepEqual(new Set(seen), new Set([GROUP, HIDDEN, '+5511999991000']))
  assert.equal((await ana.call('DELETE', path)).status, 204)
  assert.equal(
    (await ana.post('/v1/messages', { instance: 'sales', to: GROUP, allowJid: true, text: 'hi' })).status,
    202,
  )
})

function statuses({ body }: Awaited<ReturnType<TestUser['post']>>): string[] {
  return [body['results']].flat().map((each: unknown) => String(Object(each).status))
}
