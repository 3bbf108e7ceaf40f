import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { ingest } from './ledger-messages.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  assert.equal((await ana.post('/v1/instances', { name: 'sales' })).status, 201)
})
after(() => api.stop())

const TO = { instance: 'sales', to: '5511999991000' }
/** An address that no name server has to be asked for. */
const PICTURE = { url: 'https://93.184.216.34/picture.png' }
const POLL = { ...TO, type: 'poll', question: 'When?', options: ['Morning', 'Evening'] }

test('a kind travels as a record that older consumers wait for, and is shown as it was asked for', async () => {
  const { status, body } = await ana.post('/v1/messages', POLL)
  assert.equal(status, 202)
  const record = await recordOf(body['id'])
  assert.equal(record.v, 2)
  assert.equal(record.type, 'poll')
  assert.deepEqual(record.content, { question: 'When?', options: ['Morning', 'Evening'], selectableCount: 1 })
  await ingest(api.store, record)
  const shown = await ana.get(`/v1/messages/${String(body['id'])}`)
  assert.equal(shown.body['type'], 'poll')
  assert.deepEqual(shown.body['options'], ['Morning', 'Evening'])
  assert.equal(shown.body['status'], 'queued')
})

test('a text stays the record that every consumer knows, unless it says more than its words', async () => {
  const plain = await ana.post('/v1/messages', { ...TO, text: 'hi' })
  assert.partialDeepStrictEqual(await recordOf(plain.body['id']), { v: 1, type: 'text', content: { text: 'hi' } })
  const more = { type: 'text', text: 'hi', linkPreview: false, mentions: ['11 98888-7001'] }
  const calling = await ana.post('/v1/messages', { ...TO, ...more })
  assert.partialDeepStrictEqual(await recordOf(calling.body['id']), {
    v: 2,
    content: { text: 'hi', linkPreview: false, mentions: ['+5511988887001'] },
  })
})

test('numbers in a content are read as those of recipients are', async () => {
  const contacts = [{ name: 'Ana', phone: '(11) 98888-7001' }]
  const { body } = await ana.post('/v1/messages', { ...TO, type: 'contacts', contacts })
  assert.deepEqual((await recordOf(body['id'])).content, { contacts: [{ name: 'Ana', phone: '+5511988887001' }] })
})

test('every fault is named by its field, whichever kind it is', async () => {
  const wrong: readonly (readonly [body: object, fields: string[]])[] = [
    [{ type: 'gif' }, ['type']],
    [{ type: 'image' }, ['media']],
    [{ type: 'image', media: { ...PICTURE, base64: 'x' }, text: 'hi' }, ['media.base64', 'text']],
    [{ type: 'image', media: { url: 'http://93.184.216.34/a.png' } }, ['media.url']],
    [{ type: 'image', media: { url: 'https://127.0.0.1/a.png' } }, ['media.url']],
    [{ type: 'voice', media: { url: 'https://169.254.169.254/latest' } }, ['media.url']],
    [{ type: 'document', media: { url: 'https://ana:secret@example.com/a.pdf' } }, ['media.url']],
    [{ type: 'buttons', title: 't', thumbnailUrl: 'https://10.0.0.1/a.png', buttons: [REPLY] }, ['thumbnailUrl']],
    [{ type: 'location', latitude: '1', longitude: 181 }, ['latitude', 'longitude']],
    [{ type: 'contacts', contacts: [{ name: 'Ana', phone: '123' }] }, ['contacts.0.phone']],
    [{ type: 'reaction', emoji: 'ok' }, ['emoji', 'target']],
    [
      { type: 'reaction', emoji: '👍', target: { id: 'X', remoteJid: '5511988887001@s.whatsapp.net' } },
      ['target.remoteJid'],
    ],
    [{ type: 'poll', question: ' ', options: ['a', 'a'] }, ['options', 'question']],
    [
      { type: 'poll', question: 'q', options: ['a', 'b'], ttlSeconds: 5, expiresAt: '2099-01-01T00:00:00Z' },
      ['ttlSeconds'],
    ],
    [{ type: 'text', text: 'hi', quoted: 'the first one' }, ['quoted']],
    [{ text: 'hi', media: PICTURE }, ['media']],
  ]
  for (const [body, fields] of wrong) {
    const answer = await ana.post('/v1/messages', { ...TO, ...body })
    assert.equal(answer.status, 400, JSON.stringify(body))
    assert.deepEqual(faultyFields(answer), fields, JSON.stringify(answer.body))
  }
})

test('the files of a template are addresses too, and there may be ten', async () => {
  const template = (links: readonly string[]) => ({
    ...{ ...TO, instance: 'sales', type: 'template', name: 'hello_world', language: 'pt_BR' },
    components: [{ type: 'header', parameters: links.map((link) => ({ type: 'image', image: { link } })) }],
  })
  const inside = await ana.post('/v1/messages', template([PICTURE.url, 'https://192.168.0.1/a.png']))
  assert.deepEqual(faultyFields(inside), ['components.0.parameters.1.image.link'])
  const many = await ana.post('/v1/messages', template(Array.from({ length: 11 }, () => PICTURE.url)))
  assert.deepEqual(faultyFields(many), ['components'])
})

test('a file in the internet is taken', async () => {
  assert.equal((await ana.post('/v1/messages', { ...TO, type: 'image', media: PICTURE })).status, 202)
})

test('a kind that the channel of the instance cannot send is refused before it is queued, and told why', async () => {
  const before = await api.topics.countMessages()
  const template = { ...TO, type: 'template', name: 'hello_world', language: 'pt_BR' }
  const refused = await ana.post('/v1/messages', template)
  assert.deepEqual([refused.status, refused.body['code']], [422, 'kind-not-supported'])
  assert.match(String(refused.body['detail']), /Meta/)
  assert.equal(await api.topics.countMessages(), before)
})

test('an instance that is adopted keeps the channel that it has at Evolution', async () => {
  for (const [name, integration, channel] of [
    ['adopted-business', 'WHATSAPP-BUSINESS', 'business'],
    ['adopted-own', 'EVOLUTION', 'evolution'],
    ['adopted-web', 'WHATSAPP-BAILEYS', 'baileys'],
  ]) {
    const created = await fetch(`${api.evolution.url}/instance/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', apikey: api.evolution.apiKey },
      body: JSON.stringify({ instanceName: name, integration, token: `token-${name}`, number: '5511900000001' }),
    })
    assert.equal(created.status, 201, await created.text())
    const adopted = await api.admin.post('/v1/instances', { name, adopt: true, ownerEmail: 'ana@example.com' })
    assert.equal(adopted.status, 201, JSON.stringify(adopted.body))
    assert.equal(adopted.body['channel'], channel)
  }
  const template = { to: TO.to, type: 'template', name: 'hello_world', language: 'pt_BR' }
  assert.equal((await ana.post('/v1/messages', { ...template, instance: 'adopted-business' })).status, 202)
  assert.equal((await ana.post('/v1/messages', { ...POLL, instance: 'adopted-business' })).status, 422)
  assert.equal((await ana.post('/v1/messages', { ...POLL, instance: 'adopted-own' })).status, 422)
  const group = { to: '120363041234567890@g.us', allowJid: true, text: 'hi' }
  const unreachable = await ana.post('/v1/messages', { ...group, instance: 'adopted-business' })
  assert.deepEqual([unreachable.status, unreachable.body['code']], [422, 'kind-not-supported'])
  assert.equal((await ana.post('/v1/messages', { ...group, instance: 'adopted-web' })).status, 202)
})

test('an idempotency key stands for one content', async () => {
  const headers = { 'idempotency-key': 'poll 1' }
  const first = await ana.post('/v1/messages', POLL, headers)
  assert.equal(first.status, 202)
  assert.equal((await ana.post('/v1/messages', POLL, headers)).body['id'], first.body['id'])
  const other = await ana.post('/v1/messages', { ...POLL, options: ['Evening', 'Morning'] }, headers)
  assert.equal(other.body['code'], 'idempotency-key-reused')
})

const REPLY = { type: 'reply', text: 'Yes', id: 'yes' }

async function recordOf(id: unknown) {
  const record = (await api.topics.messages()).find((candidate) => candidate.id === id)
  assert.ok(record)
  return record
}
