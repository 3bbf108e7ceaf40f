import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { Contact } from '@whatsapp-sender/store'
import { createSimulatedContacts } from '../../tests/support/simulated-accounts.ts'
import { createContactBook } from './contact-book.ts'

const NUMBER = '+5511999991000'
const SEND = { instanceId: 'sales-1', number: NUMBER, at: 5, keyId: 'x', remoteJid: undefined }

test('what many lanes want to know at once is asked in one question, and each is told once', async () => {
  const contacts = createSimulatedContacts()
  const book = createContactBook({ contacts, onError: assert.ifError })
  const told: string[] = []
  for (const number of ['+1', '+2', '+2', '+3']) book.ask('sales-1', number, () => told.push(number))
  await settle()
  assert.deepEqual([told, contacts.asked], [['+1', '+2', '+3'], 1])
  assert.deepEqual(book.get('sales-1', '+2')?.firstSentAt, undefined)
})

test('a send that is recorded while the question is under way is not forgotten for its answer', async () => {
  const contacts = createSimulatedContacts()
  const answer = Promise.withResolvers<ReadonlyMap<string, Contact>>()
  const book = createContactBook({ contacts: { ...contacts, find: () => answer.promise }, onError: assert.ifError })
  book.ask('sales-1', NUMBER, () => {})
  await settle()
  await book.record(SEND)
  answer.resolve(new Map())
  await settle()
  assert.equal(book.get('sales-1', NUMBER)?.lastSentAt, 5)
})

test('a question that the database does not answer is asked again', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const contacts = createSimulatedContacts()
  const failed: unknown[] = []
  let isAway = true
  const find: typeof contacts.find = (...wanted) =>
    isAway ? Promise.reject(new Error('away')) : contacts.find(...wanted)
  const book = createContactBook({ contacts: { ...contacts, find }, onError: (error) => failed.push(error) })
  let told = 0
  book.ask('sales-1', NUMBER, () => {
    told += 1
  })
  await settle()
  isAway = false
  mock.timers.tick(500)
  await settle()
  mock.timers.reset()
  assert.deepEqual([failed.length, told], [1, 1])
})

test('a lane that asks again and again while the database is away is told once', async () => {
  const answer = Promise.withResolvers<ReadonlyMap<string, Contact>>()
  const contacts = { ...createSimulatedContacts(), find: () => answer.promise }
  const book = createContactBook({ contacts, onError: assert.ifError })
  let told = 0
  const ask = () =>
    book.ask('sales-1', NUMBER, () => {
      told += 1
    })
  ask()
  await settle()
  for (let n = 0; n < 1000; n++) ask()
  answer.resolve(new Map())
  await settle()
  // Once for the question under way, once for all that came after it.
  assert.equal(told, 2)
})

test('it remembers the latest fifty thousand, of all instances together', async () => {
  const contacts = createSimulatedContacts()
  const book = createContactBook({ contacts, onError: assert.ifError })
  for (let n = 0; n < 50_001; n++) void book.record({ ...SEND, instanceId: `i${n % 7}`, number: `+${n}` })
  assert.equal(book.get('i0', '+0'), undefined)
  assert.notEqual(book.get('i1', '+1'), undefined)
  assert.notEqual(book.get(`i${50_000 % 7}`, '+50000'), undefined)
})

test('it forgets what it knew of one instance, and nothing of others', async () => {
  const book = createContactBook({ contacts: createSimulatedContacts(), onError: assert.ifError })
  await book.record(SEND)
  await book.record({ ...SEND, instanceId: 'other' })
  book.forget('sales-1')
  assert.deepEqual(
    ['sales-1', 'other'].map((instanceId) => book.get(instanceId, NUMBER)?.lastSentAt),
    [undefined, 5],
  )
})

async function settle(): Promise<void> {
  for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve))
}
