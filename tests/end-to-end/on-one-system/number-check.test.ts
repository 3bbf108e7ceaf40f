import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

const LEFT = ['sent', 'delivered', 'read']

let system: System
before(async () => {
  system = await sharedSystem()
})

test('an instance that checks numbers sends to those on WhatsApp, and never tries the others', async () => {
  const { admin } = system
  const made = await dataOf(admin.api.POST('/v1/instances', { body: { name: 'careful', checkNumber: 'first' } }))
  assert.equal(made.checkNumber, 'first')
  const there = await admin.send('careful', '+5511988881000', 'you are there')
  const missing = await admin.send('careful', '+5511988880404', 'you are not')
  await admin.follow(there.body.id, LEFT)
  await admin.follow(missing.body.id, ['failed'])
  const path = { id: missing.body.id }
  const { reason } = await dataOf(admin.api.GET('/v1/messages/{id}', { params: { path } }))
  assert.equal(reason?.code, 'not-on-whatsapp')
  assert.deepEqual(await askedToSendTo('careful'), ['5511988881000'])
})

test('an instance that does not want it sends without a question, until it is told to ask', async () => {
  const { admin } = system
  await admin.createInstance('plain')
  const first = await admin.send('plain', '+5511988880404', 'tried')
  await admin.follow(first.body.id, ['failed'])
  assert.deepEqual(await askedToSendTo('plain'), ['5511988880404'])
  const change = { params: { path: { name: 'plain' } }, body: { checkNumber: 'always' } } as const
  assert.equal((await dataOf(admin.api.PATCH('/v1/instances/{name}', change))).checkNumber, 'always')
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const second = await admin.send('plain', '+5511988880404', 'not tried')
  await admin.follow(second.body.id, ['failed'])
  assert.deepEqual(await askedToSendTo('plain'), ['5511988880404'])
})

async function askedToSendTo(name: string): Promise<(string | undefined)[]> {
  return (await system.gateway.requests()).filter(({ instance }) => instance === name).map(({ number }) => number)
}
