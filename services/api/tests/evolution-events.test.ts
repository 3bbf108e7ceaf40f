import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { textHashOf } from '@whatsapp-sender/contract'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let secretOf: Record<'anas' | 'bobs', string>
let instanceId: string

before(async () => {
  api = await startApi()
  secretOf = {
    anas: await createInstance(await api.user('ana@example.com'), 'anas'),
    bobs: await createInstance(await api.user('bob@example.com'), 'bobs'),
  }
  instanceId = String((await api.store.instances.findByName('anas'))?.id)
})
after(() => api.stop())

const RECEIPT = { keyId: '3EB0', remoteJid: '5511999991000@s.whatsapp.net', fromMe: true, status: 'READ' }

describe('events of Evolution', () => {
  test('are in the topic, reduced, before they are answered', async () => {
    const before = await api.topics.countEvents()
    assert.equal((await send('messages.update', RECEIPT)).status, 200)
    const key = { id: '3EB1', remoteJid: '5511999991000@s.whatsapp.net' }
    assert.equal((await send('send.message', { key, message: { conversation: 'CANARY text' } })).status, 200)
    assert.equal(await api.topics.countEvents(), before + 2)
    const events = (await api.topics.events()).slice(-2)
    const sent = events.find(({ raw }) => raw.includes('3EB1'))?.decoded
    assert.equal(sent?.kind, 'record')
    assert.deepEqual(sent.record, {
      ...sent.record,
      kind: 'sent',
      instance: 'anas',
      instanceId,
      textHash: textHashOf('CANARY text'),
    })
  })

  test('leave neither token nor text in Kafka or the log', async () => {
    await send('connection.update', { state: 'open', note: 'CANARY' })
    for (const { raw } of await api.topics.events()) assert.doesNotMatch(raw, /CANARY|apikey/)
    assert.doesNotMatch(api.logs(), /CANARY/)
    assert.ok(!api.logs().includes(secretOf.anas))
  })

  test('without the right secret are refused and stored nowhere', async () => {
    const before = await api.topics.countEvents()
    const [id = ''] = secretOf.anas.split('.')
    const other = `${crypto.randomUUID()}.${'x'.repeat(43)}`
    for (const secret of [undefined, '', 'x', `${id}.${'x'.repeat(43)}`, other, `${secretOf.anas}x`]) {
      assert.equal((await send('messages.update', RECEIPT, { secret })).status, 401, String(secret))
    }
    assert.equal((await send('messages.update', RECEIPT, { secret: secretOf.bobs })).status, 401)
    assert.equal(await api.topics.countEvents(), before)
  })

  test('that are of no use, or malformed, are stored nowhere', async () => {
    const before = await api.topics.countEvents()
    assert.equal((await send('contacts.update', { id: 'x' })).status, 200)
    assert.equal((await send('messages.update', { status: 5 })).status, 200)
    const headers = { 'x-webhook-secret': secretOf.anas }
    const bare = await api.anybody.post('/v1/evolution/events', { event: 'remove.instance', instance: 'anas' }, headers)
    assert.deepEqual([bare.status, bare.body], [200, { stored: false }])
    assert.equal((await api.anybody.post('/v1/evolution/events', '{', headers)).status, 400)
    assert.equal(await api.topics.countEvents(), before)
  })

  test('may be as large as a message with its picture, and not without bound', async () => {
    const key = { id: '3EB2', remoteJid: 'x' }
    const large = { key, message: { conversation: 'x' }, thumbnail: 'x'.repeat(500_000) }
    assert.equal((await send('send.message', large)).status, 200)
    assert.equal((await send('send.message', { ...large, thumbnail: 'x'.repeat(1_100_000) })).status, 413)
  })

  test('of an instance that was deleted are still taken: its messages may be under way', async () => {
    const user = await api.user('eva@example.com')
    const secret = await createInstance(user, 'evas')
    const instance = await api.store.instances.findByName('evas')
    await api.store.instances.markDeleted(String(instance?.id))
    await until('the API knows of it', async () => (await user.get('/v1/instances/evas')).status === 404)
    assert.equal((await send('messages.update', RECEIPT, { instance: 'evas', secret })).status, 200)
  })
})

async function createInstance(user: TestUser, name: string): Promise<string> {
  assert.equal((await user.post('/v1/instances', { name })).status, 201)
  const instance = await api.store.instances.findByName(name)
  const found = await fetch(`${api.evolution.url}/webhook/find/${name}`, {
    headers: { apikey: String(instance?.evolutionToken) },
  })
  const { headers }: { headers: Record<string, string> } = JSON.parse(await found.text())
  return String(headers['x-webhook-secret'])
}

type Sender = Readonly<{ instance?: string; secret?: string | undefined }>

function send(event: string, data: object, sender: Sender = { secret: secretOf.anas }) {
  const { instance = 'anas', secret } = sender
  const headers: Record<string, string> = secret === undefined ? {} : { 'x-webhook-secret': secret }
  return api.anybody.post('/v1/evolution/events', { event, instance, data, apikey: 'CANARY' }, headers)
}
