import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openTestStore } from './test-store.ts'

const { paceAccounts, db } = await openTestStore()
const DAY = '2026-03-10'
const NEXT_DAY = '2026-03-11'

test('owners that reserve at once never get more than the cap together', async () => {
  const id = randomUUID()
  const reservations = await Promise.all(
    Array.from({ length: 40 }, () => paceAccounts.reserve(id, 'all', { day: DAY, want: 7, cap: 100, warmsUp: false })),
  )
  const granted = reservations.reduce((sum, reservation) => sum + reservation.granted, 0)
  assert.equal(granted, 100)
  assert.equal((await paceAccounts.find([id])).get(id)?.reserved, 100)
})

test('a new day begins at nothing, and a day that is over gets nothing more', async () => {
  const id = randomUUID()
  await paceAccounts.reserve(id, 'all', { day: DAY, want: 10, cap: 10, warmsUp: false })
  await paceAccounts.reserve(id, 'new', { day: DAY, want: 3, cap: 10, warmsUp: false })
  const next = await paceAccounts.reserve(id, 'all', { day: NEXT_DAY, want: 4, cap: 10, warmsUp: false })
  assert.deepEqual([next.granted, next.account.reserved, next.account.newReserved], [4, 4, 0])
  const late = await paceAccounts.reserve(id, 'all', { day: DAY, want: 4, cap: 10, warmsUp: false })
  assert.deepEqual([late.granted, late.account.day, late.account.reserved], [0, NEXT_DAY, 4])
})

test('the warm-up plan begins with the first day that something is reserved under it', async () => {
  const id = randomUUID()
  const before = await paceAccounts.reserve(id, 'all', { day: DAY, want: 1, cap: 5, warmsUp: false })
  assert.equal(before.account.warmUpFrom, undefined)
  for (const day of [DAY, NEXT_DAY]) {
    const { account } = await paceAccounts.reserve(id, 'all', { day, want: 1, cap: 5, warmsUp: true })
    assert.equal(account.warmUpFrom, DAY)
  }
})

test('what was not used is given back at a hand-over, for the same day only', async () => {
  const id = randomUUID()
  await paceAccounts.reserve(id, 'all', { day: DAY, want: 20, cap: 1000, warmsUp: false })
  await paceAccounts.release([{ instanceId: id, day: DAY, unused: 15, newUnused: 0 }])
  assert.equal((await paceAccounts.find([id])).get(id)?.reserved, 5)
  await paceAccounts.release([{ instanceId: id, day: '2026-03-09', unused: 5, newUnused: 0 }])
  assert.equal((await paceAccounts.find([id])).get(id)?.reserved, 5)
})

test('only the next owner learns when the one before sent last, and only once', async () => {
  const id = randomUUID()
  const first = await paceAccounts.take([id])
  assert.equal(first.accounts.get(id)?.startFrom, undefined)
  await paceAccounts.release([{ instanceId: id, token: first.token, lastAt: 1000, day: DAY, unused: 0, newUnused: 0 }])
  const second = await paceAccounts.take([id])
  assert.equal(second.accounts.get(id)?.startFrom, 1000)
  // The second one is gone without a word.
  const third = await paceAccounts.take([id])
  assert.equal(third.accounts.get(id)?.startFrom, undefined)
})

test('who lost the account to another owner no longer says when it sent last', async () => {
  const id = randomUUID()
  const lost = await paceAccounts.take([id])
  await paceAccounts.take([id])
  await paceAccounts.release([{ instanceId: id, token: lost.token, lastAt: 1000, day: DAY, unused: 0, newUnused: 0 }])
  assert.equal((await paceAccounts.take([id])).accounts.get(id)?.startFrom, undefined)
})

test('one of many owners that take an account at once learns of the hand-over', async () => {
  const id = randomUUID()
  const { token } = await paceAccounts.take([id])
  await paceAccounts.release([{ instanceId: id, token, lastAt: 1000, day: DAY, unused: 0, newUnused: 0 }])
  const takers = await Promise.all(Array.from({ length: 20 }, () => paceAccounts.take([id])))
  assert.ok(takers.filter(({ accounts }) => accounts.get(id)?.startFrom !== undefined).length <= 1)
})

test('a thousand accounts are handed over in one command', async () => {
  const ids = Array.from({ length: 1000 }, () => randomUUID())
  const { token } = await paceAccounts.take(ids)
  await paceAccounts.release(
    ids.map((instanceId) => ({ instanceId, token, lastAt: 7, day: DAY, unused: 0, newUnused: 0 })),
  )
  assert.equal(await db.collection('pace').countDocuments({ holder: token, lastAt: new Date(7) }), 1000)
})

test('a silence only ever gets longer, and the slow start is that of the longest', async () => {
  const id = randomUUID()
  await paceAccounts.silence(id, 5000, 30)
  await paceAccounts.silence(id, 3000, 15)
  const account = (await paceAccounts.find([id])).get(id)
  assert.deepEqual([account?.notBefore, account?.slowTo], [5000, 30])
})

test('a pause of new recipients only ever gets longer', async () => {
  const id = randomUUID()
  await paceAccounts.pauseNewContacts(id, 5000)
  await paceAccounts.pauseNewContacts(id, 3000)
  assert.equal((await paceAccounts.find([id])).get(id)?.newNotBefore, 5000)
})
