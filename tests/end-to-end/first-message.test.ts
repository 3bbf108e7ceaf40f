import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem()
})
after(async () => {
  await system.stop()
})

test('a user who signs up and is approved sends a message and follows it until it is read', async () => {
  const { admin, anonymous, gateway } = system
  const person = { fullname: 'Ana Souza', email: 'ana@example.com', password: 'uma frase bem comprida' }

  const signedUp = await anonymous.call<{ id: string; status: string }>('POST', '/user/signup', person)
  assert.equal(signedUp.status, 201)
  assert.equal(signedUp.body.status, 'pending')
  const early = await anonymous.call('POST', '/user/login', { email: person.email, password: person.password })
  assert.equal(early.status, 403, 'a user who waits for approval has no token')

  const pending = await admin.call<{ data: { id: string }[] }>('GET', '/v1/users?status=pending')
  assert.deepEqual(
    pending.body.data.map(({ id }) => id),
    [signedUp.body.id],
  )
  const approved = await admin.call('PATCH', `/v1/users/${signedUp.body.id}`, { status: 'approved' })
  assert.equal(approved.status, 200)

  const ana = await anonymous.login(person.email, person.password)
  await ana.createInstance('loja')
  const accepted = await ana.send('loja', '+5511999991000', 'Seu pedido saiu para entrega.')
  assert.equal(accepted.status, 202)
  assert.equal(accepted.headers.get('location'), `/v1/messages/${accepted.body.id}`)

  const read = await ana.follow(accepted.body.id, ['read'])
  assert.equal(read.attempts.length, 1)
  assert.ok(read.sentAt && read.deliveredAt && read.readAt, 'each step has its time')
  const [left, ...more] = await gateway.journal()
  assert.equal(left?.number, '5511999991000')
  assert.equal(left?.content, 'Seu pedido saiu para entrega.')
  assert.equal(left?.keyId, read.providerMessageId)
  assert.deepEqual(more, [])
})
