import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem()
  await system.admin.createInstance('doubt')
})
after(async () => {
  await system.stop()
})

const to = '+5511988887000'

test('a message that left although its call was cut is found in the events of Evolution and not sent again', async () => {
  const { admin, gateway } = system
  await gateway.program('doubt', { close: 'after-reading', times: 1 })
  const { body } = await admin.send('doubt', to, 'cut but sent')

  const message = await admin.follow(body.id, ['sent', 'delivered', 'read'])
  const left = (await gateway.journal()).filter(({ content }) => content === 'cut but sent')
  assert.equal(left.length, 1)
  assert.equal(message.providerMessageId, left[0]?.keyId)
})

test('a call that was cut with nothing sent is sent again after the settling time when the caller wants that', async () => {
  const { admin, gateway } = system
  await gateway.program('doubt', { close: 'after-reading', sends: false, times: 1 })
  const { body } = await admin.send('doubt', to, 'cut and unsent', { onAmbiguous: 'resend' })

  const message = await admin.follow(body.id, ['sent', 'delivered', 'read'])
  assert.deepEqual(
    message.attempts.map(({ outcome }) => outcome),
    ['retry', 'sent'],
  )
  assert.equal((await gateway.journal()).filter(({ content }) => content === 'cut and unsent').length, 1)
})

test('a call that was cut with nothing sent ends as unknown when the caller wants no second try', async () => {
  const { admin, gateway } = system
  await gateway.program('doubt', { close: 'after-reading', sends: false, times: 1 })
  const held = await admin.send('doubt', to, 'cut and held', { onAmbiguous: 'hold' })
  const next = await admin.send('doubt', to, 'the next of the lane')

  await admin.follow(held.body.id, ['unknown'])
  await admin.follow(next.body.id, ['sent', 'delivered', 'read'])
  assert.equal((await gateway.journal()).filter(({ content }) => content === 'cut and held').length, 0)
})
