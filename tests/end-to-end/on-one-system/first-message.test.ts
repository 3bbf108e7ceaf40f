import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

let system: System
before(async () => {
  system = await sharedSystem()
})

test('a user who signs up and is approved sends a message and follows it until it is read', async () => {
  const { admin, anonymous, gateway } = system
  const person = { fullname: 'Ana Souza', email: 'ana@example.com', password: 'uma frase bem comprida' }

  const signedUp = await dataOf(anonymous.api.POST('/user/signup', { body: person }))
  assert.equal(signedUp.status, 'pending')
  const early = await anonymous.api.POST('/user/login', { body: { email: person.email, password: person.password } })
  assert.equal(early.error?.code, 'not-approved', 'a user who waits for approval has no token')

  const pending = await dataOf(admin.api.GET('/v1/users', { params: { query: { status: 'pending' } } }))
  assert.deepEqual(
    pending.data.map(({ id }) => id),
    [signedUp.id],
  )
  const approval = { params: { path: { id: signedUp.id } }, body: { status: 'approved' } } as const
  assert.equal((await dataOf(admin.api.PATCH('/v1/users/{id}', approval))).status, 'approved')

  const ana = await anonymous.login(person.email, person.password)
  await ana.createInstance('loja')
  const message = { instance: 'loja', to: '+5511999991000', text: 'Seu pedido saiu para entrega.' }
  const { data: accepted, response } = await ana.api.POST('/v1/messages', { body: message })
  assert.ok(accepted?.status === 'accepted' && response.status === 202)
  assert.equal(response.headers.get('location'), `/v1/messages/${accepted.id}`)

  const read = await ana.follow(accepted.id, ['read'])
  assert.equal(read.attempts.length, 1)
  assert.ok(read.sentAt && read.deliveredAt && read.readAt, 'each step has its time')
  const [left, ...more] = await gateway.journalOf('loja')
  assert.equal(left?.number, '5511999991000')
  assert.equal(left?.content, 'Seu pedido saiu para entrega.')
  assert.equal(left?.keyId, read.providerMessageId)
  assert.deepEqual(more, [])
})
