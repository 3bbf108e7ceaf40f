import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type System, startSystem } from '../support/system.ts'

const LEFT = ['sent', 'delivered', 'read']

let system: System
before(async () => {
  system = await startSystem()
})
after(async () => {
  await system.stop()
})

test('an instance that checks numbers sends to those on WhatsApp, and never tries the others', async () => {
  const { admin } = system
  const made = await admin.call<{ checkNumber: string }>('POST', '/v1/instances', {
    name: 'careful',
    checkNumber: 'first',
  })
  assert.equal(made.body.checkNumber, 'first')
  const there = await admin.send('careful', '+5511988881000', 'you are there')
  const missing = await admin.send('careful', '+5511988880404', 'you are not')
  await admin.follow(there.body.id, LEFT)
  await admin.follow(missing.body.id, ['failed'])
  const { body } = await admin.call<{ reason?: { code: string } }>('GET', `/v1/messages/${missing.body.id}`)
  assert.equal(body.reason?.code, 'not-on-whatsapp')
  assert.deepEqual(await askedToSendTo('careful'), ['5511988881000'])
})

test('an instance that does not want it sends without a question, until it is told to ask', async () => {
  const { admin } = system
  await admin.createInstance('plain')
  const first = await admin.send('plain', '+5511988880404', 'tried')
  await admin.follow(first.body.id, ['failed'])
  assert.deepEqual(await askedToSendTo('plain'), ['5511988880404'])
  const changed = await admin.call<{ checkNumber: string }>('PATCH', '/v1/instances/plain', { checkNumber: 'always' })
  assert.equal(changed.body.checkNumber, 'always')
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const second = await admin.send('plain', '+5511988880404', 'not tried')
  await admin.follow(second.body.id, ['failed'])
  assert.deepEqual(await askedToSendTo('plain'), ['5511988880404'])
})

async function askedToSendTo(name: string): Promise<(string | undefined)[]> {
  return (await system.gateway.requests()).filter(({ instance }) => instance === name).map(({ number }) => number)
}
