import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { MessageView } from '../../support/client.ts'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

const GROUP = '120363041234567890@g.us'
const HIDDEN = '123456789012345@lid'
const GAP_MS = 1500

type Resolved = MessageView & Readonly<{ resolvedTo?: string }>

let system: System
before(async () => {
  system = await sharedSystem()
  for (const body of [
    { name: 'phone', checkNumber: 'always' },
    { name: 'tests', kind: 'sandbox', pace: { perMinute: 0, burst: 1, recipientGapMs: GAP_MS } },
  ]) {
    const { status } = await system.admin.call('POST', '/v1/instances', body)
    assert.equal(status, 201)
  }
})

test('a hidden number is sent to as it is, and WhatsApp is not asked whether it is there', async () => {
  const message = await read(await send('phone', HIDDEN))
  assert.deepEqual([message.to, message.resolvedTo], [HIDDEN, undefined])
  const [left] = await system.gateway.journalOf('phone')
  assert.match(left?.number ?? '', /^123456789012345/)
})

test('a number that WhatsApp knows by other digits is shown as given and as it was resolved', async () => {
  const message = await read(await send('phone', '+5531988881000'))
  assert.deepEqual([message.to, message.resolvedTo], ['+5531988881000', '553188881000@s.whatsapp.net'])
  assert.equal((await read(await send('phone', '+5511999991000'))).resolvedTo, undefined)
})

test('a group is one recipient: its messages leave in order, and the gap between two of a recipient is kept', async () => {
  const ids = [await send('tests', GROUP), await send('tests', GROUP), await send('tests', GROUP)]
  const sent: number[] = []
  for (const id of ids) sent.push(Date.parse((await read(id)).sentAt ?? ''))
  const [first = 0, second = 0, third = 0] = sent
  assert.ok(second - first >= GAP_MS - 100 && third - second >= GAP_MS - 100, sent.join(' '))
})

test('a group on the suppression list is sent nothing, also of what was accepted before', async () => {
  const sendAt = new Date(Date.now() + 8000).toISOString()
  const late = { instance: 'tests', to: GROUP, allowJid: true, text: 'later', sendAt }
  const { body } = await system.admin.call<{ id: string }>('POST', '/v1/messages', late)
  const put = await system.admin.call('PUT', `/v1/suppressions/${encodeURIComponent(GROUP)}`, {})
  assert.equal(put.status, 200)
  const ended: MessageView & { reason?: { code: string } } = await system.admin.follow(body.id, ['failed'], 60_000)
  assert.equal(ended.reason?.code, 'suppressed')
})

async function send(instance: string, to: string): Promise<string> {
  const message = { instance, to, allowJid: true, text: `to ${to}` }
  const { status, body } = await system.admin.call<{ id: string }>('POST', '/v1/messages', message)
  assert.equal(status, 202, JSON.stringify(body))
  return body.id
}

async function read(id: string): Promise<Resolved> {
  return await system.admin.follow(id, ['read'], 60_000)
}
