import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Client } from '../support/client.ts'
import { type System, startSystem } from '../support/system.ts'

const SENT = ['sent', 'delivered', 'read']
const REFUSED = '+5511999990404'
const NUMBER = '+5511999991000'

type Body = Readonly<Record<string, unknown>>

let system: System
let admin: Client
before(async () => {
  const THREE_SECONDS = String(3 / 3600)
  system = await startSystem({ env: { EVENT_FEED: 'true', REDACT_AFTER_HOURS: THREE_SECONDS.slice(0, 8) } })
  admin = system.admin
  await admin.createInstance('sales')
})
after(async () => {
  await system.stop()
})

test('what is sent and fails is counted, content goes after its time, and a person is erased while the system runs', async () => {
  const sent = (await admin.send('sales', NUMBER, 'for Rosa')).body.id
  const failed = (await admin.send('sales', REFUSED, 'to nobody')).body.id
  await admin.follow(sent, SENT)
  await admin.follow(failed, ['failed'])

  const usage = await until('the day is written', async () => {
    const { body } = await admin.call<{ data: Body[] }>('GET', '/v1/usage')
    return body.data[0]?.['accepted'] === 2 ? body.data[0] : undefined
  })
  assert.deepEqual([usage['instance'], usage['sent'], usage['failed'], usage['unknown']], ['sales', 1, 1, 0])

  const overview = await until('a heartbeat has told', async () => {
    const { body } = await admin.call<Record<string, Record<string, Body>>>('GET', '/v1/admin/overview')
    return body['consumers']?.['recent']?.['sent'] === 1 ? body : undefined
  })
  assert.deepEqual(overview['missing'], [])
  const [messages] = Object.values(overview['kafka'] ?? {})
  assert.deepEqual([messages?.['members'], messages?.['lag']], [1, 0])
  const [consumer] = Object(overview['consumers']).living
  assert.deepEqual(consumer.partitions, [0, 1, 2, 3, 4, 5])

  const redacted = await until('its content is gone', async () => {
    const { body } = await admin.call<Body>('GET', `/v1/messages/${sent}`)
    return 'redacted' in body ? body : undefined
  })
  assert.ok(!('text' in redacted) && redacted['to'] === NUMBER)

  const ordered = await admin.call<Body>('POST', '/v1/admin/persons/erase', { number: NUMBER })
  const self = `/v1/admin/persons/erasures/${String(ordered.body['id'])}`
  await until('it is erased', async () => {
    const { body } = await admin.call<Body>('GET', self)
    return body['status'] === 'done' || undefined
  })
  const { body: erased } = await admin.call<Body>('GET', `/v1/messages/${sent}`)
  assert.ok('erased' in erased && !('to' in erased) && SENT.includes(String(erased['status'])))
  const names = (await system.store.db.listCollections().toArray()).map(({ name }) => name)
  for (const name of names) {
    const docs = await system.store.db.collection(name).find().toArray()
    assert.ok(!JSON.stringify(docs).includes(NUMBER.slice(1)), name)
  }
})
