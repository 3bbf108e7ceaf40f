import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isJsonObject } from './json.ts'
import { eventually, startForTest } from './start-for-test.ts'
import { type Received, startWebhookReceiver } from './webhook-receiver.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>

before(async () => {
  receiver = await startWebhookReceiver()
  sandbox = await startForTest({ autoOpen: true, deliveredAfterMs: 20, readAfterMs: 60 })
})
after(async () => {
  await sandbox.stop()
  receiver.stop()
})

/** An open instance under `order`, its webhook hearing of messages only. */
async function instanceUnder(name: string, order: object, { url } = receiver): Promise<void> {
  const webhook = { url, events: ['SEND_MESSAGE', 'MESSAGES_UPDATE'] }
  await sandbox.create(name, { webhook })
  assert.equal((await sandbox.call('POST', `/sandbox/instances/${name}/events`, order)).status, 200)
}

const send = (name: string) => sandbox.sendText(name, '5511999991000', 'hi')
const heard = (name: string) => receiver.of(name).map(statusOf)
const heardAll = (name: string, count: number) =>
  eventually(
    () => heard(name),
    (list) => list.length >= count,
  )

function statusOf({ envelope }: Received): string {
  const data = isJsonObject(envelope['data']) ? envelope['data'] : {}
  return String(data['status'])
}

test('by default a message is told once, its receipts after it, without SERVER_ACK', async () => {
  await instanceUnder('plain', {})
  await send('plain')
  assert.deepEqual(await heardAll('plain', 3), ['PENDING', 'DELIVERY_ACK', 'READ'])
})

test('beforeAnswer: everything is told before the 201', async () => {
  await instanceUnder('early', { beforeAnswer: true })
  const { status } = await send('early')
  assert.equal(status, 201)
  assert.deepEqual(heard('early'), ['PENDING', 'DELIVERY_ACK', 'READ'])
})

test('delayMs: nothing is told before the 201', async () => {
  await instanceUnder('late', { delayMs: 100 })
  await send('late')
  const answeredAt = performance.now()
  await heardAll('late', 3)
  assert.ok(receiver.of('late').every(({ at }) => at > answeredAt))
})

test('copies: each event comes so many times', async () => {
  await instanceUnder('twice', { copies: 2 })
  await send('twice')
  const counted = await heardAll('twice', 6)
  assert.deepEqual(
    ['PENDING', 'DELIVERY_ACK', 'READ'].map((status) => counted.filter((heardStatus) => heardStatus === status).length),
    [2, 2, 2],
  )
})

test('swap: a receipt overtakes the message, and READ overtakes DELIVERY_ACK when only receipts are swapped', async () => {
  await instanceUnder('swapped', { swap: true })
  await send('swapped')
  assert.deepEqual((await heardAll('swapped', 2)).slice(0, 2), ['DELIVERY_ACK', 'PENDING'])
  await instanceUnder('receipts', { swap: true, events: ['MESSAGES_UPDATE'] })
  await send('receipts')
  assert.deepEqual(await heardAll('receipts', 3), ['PENDING', 'READ', 'DELIVERY_ACK'])
})

test('swap: what is overtaken waits until the other was taken, also when that needs a second try', async () => {
  const unwilling = await startWebhookReceiver()
  after(() => unwilling.stop())
  unwilling.answers.push(500)
  await instanceUnder('unwilling', { swap: true }, unwilling)
  await send('unwilling')
  const statuses = () => unwilling.received.map(statusOf)
  await eventually(statuses, (list) => list.length >= 3)
  assert.deepEqual(statuses().slice(0, 3), ['DELIVERY_ACK', 'DELIVERY_ACK', 'PENDING'])
})

test('never: the message leaves and nothing is told', async () => {
  await instanceUnder('mute', { never: true, beforeAnswer: true })
  assert.equal((await send('mute')).status, 201)
  assert.deepEqual(heard('mute'), [])
})

test('serverAck: the receipt that the recorded server left out comes as well', async () => {
  await instanceUnder('acked', { serverAck: true })
  await send('acked')
  assert.ok((await heardAll('acked', 4)).includes('SERVER_ACK'))
})

test('an order for all holds for instances without one of their own, and {} calls it off', async () => {
  await sandbox.call('POST', '/sandbox/instances/*/events', { never: true, beforeAnswer: true })
  await instanceUnder('common', {})
  await send('common')
  await sandbox.call('POST', '/sandbox/instances/*/events', {})
  await send('common')
  assert.deepEqual(await heardAll('common', 3), ['PENDING', 'DELIVERY_ACK', 'READ'])
})

test('an order nobody knows is refused', async () => {
  assert.equal((await sandbox.call('POST', '/sandbox/instances/plain/events', { sometimes: true })).status, 400)
})
