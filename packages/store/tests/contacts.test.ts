import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openTestStore } from './test-store.ts'

const { contacts, db } = await openTestStore()
const rows = db.collection<{ _id: string; existsUntil?: Date; checkedOnly?: true }>('contacts')
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

test('a number that was found on WhatsApp is known to be there for seven days, to that instance', async () => {
  const instanceId = randomUUID()
  const [moved, gone] = ['+5531988881000', '+5511999993000']
  await contacts.recordExisting(instanceId, [
    { number: NUMBER, jid: '5511999991000@s.whatsapp.net' },
    { number: moved, jid: '553188881000@s.whatsapp.net' },
    { number: gone },
  ])
  await rows.updateOne({ _id: `${instanceId}/${gone}` }, { $set: { existsUntil: new Date(Date.now() - 1) } })
  assert.deepEqual(
    await contacts.findExisting(instanceId, [NUMBER, moved, gone, '+5511999994000']),
    new Map([
      [NUMBER, undefined],
      [moved, '553188881000@s.whatsapp.net'],
    ]),
  )
  assert.equal((await contacts.findExisting(randomUUID(), [NUMBER])).size, 0)
  const { existsUntil } = (await rows.findOne({ _id: `${instanceId}/${NUMBER}` })) ?? {}
  assert.ok(Math.abs(Number(existsUntil) - Date.now() - 7 * 86_400_000) < 60_000)
})

test('a number that was only looked up is forgotten as others are, and was not written to', async () => {
  const instanceId = randomUUID()
  const row = async () => await rows.findOne({ _id: `${instanceId}/${NUMBER}` })
  await contacts.recordExisting(instanceId, [{ number: NUMBER }])
  assert.equal((await row())?.checkedOnly, true)
  assert.equal((await contacts.find(instanceId, [NUMBER])).get(NUMBER)?.firstSentAt, undefined)
  await contacts.record([{ instanceId, number: NUMBER, at: 5, keyId: 'a', remoteJid: undefined }])
  await contacts.recordExisting(instanceId, [{ number: NUMBER }])
  assert.equal((await row())?.checkedOnly, undefined)
  assert.equal((await contacts.find(instanceId, [NUMBER])).get(NUMBER)?.firstSentAt, 5)
})

test('whoever was written to or found once is known, and is there for as long as that was seen lately', async () => {
  const instanceId = randomUUID()
  const is = () => contacts.whatIsKnownOf(instanceId, NUMBER)
  assert.equal(await is(), 'nothing')
  await contacts.record([{ instanceId, number: NUMBER, at: 1, keyId: 'a', remoteJid: undefined }])
  assert.equal(await is(), 'known')
  await contacts.recordExisting(instanceId, [{ number: NUMBER }])
  assert.equal(await is(), 'exists')
  await rows.updateOne({ _id: `${instanceId}/${NUMBER}` }, { $set: { existsUntil: new Date(Date.now() - 1) } })
  await contacts.forgetFirst([{ instanceId, number: NUMBER, keyId: 'a' }])
  assert.equal(await is(), 'known')
})
