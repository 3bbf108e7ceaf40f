import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openTestStore } from './test-store.ts'

const { contacts } = await openTestStore()
const NUMBER = '+5511999991000'

test('a contact keeps its first send and its latest, in whatever order they are written', async () => {
  const instanceId = randomUUID()
  const send = { instanceId, number: NUMBER, remoteJid: undefined }
  await contacts.record([{ ...send, at: 2000, keyId: 'first' }])
  await contacts.record([{ ...send, at: 5000, keyId: 'third' }])
  await contacts.record([{ ...send, at: 4000, keyId: 'second' }])
  const known = (await contacts.find(instanceId, [NUMBER, '+5511999992000'])).get(NUMBER)
  assert.deepEqual([known?.firstSentAt, known?.lastSentAt], [2000, 5000])
  assert.equal((await contacts.find(randomUUID(), [NUMBER])).size, 0, 'another instance knows nobody')
})

test('the address that WhatsApp has for a number is kept', async () => {
  const instanceId = randomUUID()
  const remoteJid = '551199991000@s.whatsapp.net'
  await contacts.record([{ instanceId, number: NUMBER, at: 1, keyId: 'a', remoteJid }])
  await contacts.record([{ instanceId, number: NUMBER, at: 2, keyId: 'b', remoteJid: undefined }])
  assert.equal((await contacts.find(instanceId, [NUMBER])).get(NUMBER)?.remoteJid, remoteJid)
})

test('a recipient whose first message was refused counts as new again, one who was refused later does not', async () => {
  const instanceId = randomUUID()
  const refused = { instanceId, number: NUMBER, keyId: 'first' }
  await contacts.record([{ ...refused, at: 1, remoteJid: undefined }])
  await contacts.record([{ ...refused, keyId: 'second', at: 2, remoteJid: undefined }])
  assert.deepEqual(await contacts.firstSentAs([{ instanceId, keyId: 'second' }]), [])
  assert.deepEqual(await contacts.firstSentAs([{ instanceId: randomUUID(), keyId: 'first' }]), [])
  const found = await contacts.firstSentAs([refused])
  assert.deepEqual(found, [refused])
  await contacts.forgetFirst(found)
  assert.equal((await contacts.find(instanceId, [NUMBER])).get(NUMBER)?.firstSentAt, undefined)
  assert.deepEqual(await contacts.firstSentAs([refused]), [], 'and is found once only')
  await contacts.record([{ ...refused, keyId: 'again', at: 3, remoteJid: undefined }])
  assert.equal((await contacts.find(instanceId, [NUMBER])).get(NUMBER)?.firstSentAt, 3)
})
