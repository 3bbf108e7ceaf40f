import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { isJid, isPhoneNumber, type PhoneNumber } from '@whatsapp-sender/contract'
import { createSuppressionBook, type Suppression } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
const { suppressions } = store

test('a number is on the list of its user in every form that WhatsApp may know it by, and on no other list', async () => {
  await suppressions.add('ana', [number('+5531988881000')], 'asked by phone')
  const other = await suppressions.find('ana', number('+553188881000'))
  assert.deepEqual({ ...other, at: undefined }, { ...entry('+5531988881000', 'asked by phone'), at: undefined })
  assert.equal(await suppressions.find('bia', number('+5531988881000')), undefined)
  assert.equal(await suppressions.remove('bia', number('+5531988881000')), false)
  assert.equal(await suppressions.remove('ana', number('+553188881000')), true)
  assert.equal(await suppressions.find('ana', number('+5531988881000')), undefined)
  assert.equal(await suppressions.remove('ana', number('+553188881000')), false)
})

test('a group is on the list as it is, and the book tells it apart from every number', async () => {
  const group = '120363041234567890@g.us'
  assert.ok(isJid(group))
  const book = createSuppressionBook({ suppressions, refreshMs: 60_000, onError: assert.ifError })
  await book.start()
  await suppressions.add('mel', [group, number('+5511999991000')], undefined)
  assert.equal((await suppressions.find('mel', group))?.number, group)
  await book.refresh()
  const has = (to: string) => book.has('mel', to)
  assert.deepEqual([has(group), has('+5511999991000'), has('120363041234567891@g.us')], [true, true, false])
  assert.equal(await suppressions.remove('mel', group), true)
  await book.refresh()
  assert.deepEqual([has(group), has('+5511999991000')], [false, true])
  await book.stop()
})

test('what is added again keeps its time and takes the new reason, whatever characters that has', async () => {
  await suppressions.add('cid', [number('+5511999991000')], '$number')
  const first = await suppressions.find('cid', number('+5511999991000'))
  assert.equal(first?.reason, '$number')
  await suppressions.add('cid', [number('+5511999991000')], undefined)
  assert.deepEqual(await suppressions.find('cid', number('+5511999991000')), {
    ...entry('+5511999991000'),
    at: first.at,
  })
})

test('the list comes in pages, newest first, and each number once whatever is added or taken off meanwhile', async () => {
  const numbers = Array.from({ length: 2500 }, (_, i) => number(`+55119${String(90_000_000 + i)}`))
  await suppressions.add('dora', numbers, undefined)
  const seen: string[] = []
  let after: Awaited<ReturnType<typeof suppressions.list>>['next']
  do {
    const page = await suppressions.list('dora', { after, limit: 100 })
    seen.push(...page.data.map((each) => each.number))
    if (after === undefined) {
      await suppressions.add('dora', [number('+5511888880000')], undefined)
      await suppressions.remove('dora', number(seen[0] ?? ''))
    }
    after = page.next
  } while (after !== undefined)
  assert.equal(seen.length, 2500)
  assert.deepEqual(new Set(seen), new Set(numbers))
})

test('a recipient who opts out is put on the list of the user whose instance he wrote to', async () => {
  const instanceId = await instanceOf('eva')
  const optOut = { instanceId, number: number('+5511999991000'), word: 'SAIR', at: new Date() }
  const stray = { ...optOut, instanceId: randomUUID() }
  await suppressions.optOut([optOut, stray])
  const found = await suppressions.find('eva', optOut.number)
  assert.deepEqual(found, { number: '+5511999991000', reason: 'SAIR', source: 'inbound', at: optOut.at })
  await suppressions.optOut([{ ...optOut, at: new Date() }])
  assert.deepEqual(await suppressions.find('eva', optOut.number), found)
})

test('an event that is read again does not undo what its user has done since, and a new word does', async () => {
  const instanceId = await instanceOf('fay')
  const optOut = { instanceId, number: number('+5511999991000'), word: 'STOP', at: new Date() }
  await suppressions.optOut([optOut])
  await suppressions.remove('fay', optOut.number)
  await suppressions.optOut([optOut])
  assert.equal(await suppressions.find('fay', optOut.number), undefined)
  await suppressions.optOut([{ ...optOut, at: new Date(Date.now() + 60_000) }])
  assert.equal((await suppressions.find('fay', optOut.number))?.source, 'inbound')
  await suppressions.add('fay', [optOut.number], 'by hand')
  await suppressions.optOut([optOut])
  assert.equal((await suppressions.find('fay', optOut.number))?.reason, 'by hand')
})

test('a page is read from its index and no further than it goes, and changes from theirs', async () => {
  const collection = store.db.collection('suppressions')
  const page = await collection
    .find({ user: 'dora', listed: 1 })
    .sort({ at: -1, _id: -1 })
    .limit(101)
    .explain('executionStats')
  assert.ok(page['executionStats'].totalDocsExamined <= 101)
  const changes = await collection.find({ changedAt: { $gte: new Date(Date.now() + 1e6) } }).explain('executionStats')
  assert.equal(changes['executionStats'].totalDocsExamined, 0)
})

test('the book knows what was listed before it was opened, and follows what is added and taken off', async () => {
  await suppressions.add('gil', [number('+5531988881000')], undefined)
  const book = bookOf({})
  assert.equal(book.has('gil', '+5531988881000'), undefined)
  await book.refresh()
  assert.equal(book.has('gil', '+553188881000'), true)
  assert.equal(book.has('gil', '+5511999991000'), false)
  assert.equal(book.has('hal', '+5531988881000'), false)
  await suppressions.add('gil', [number('+5511999991000')], undefined)
  await suppressions.remove('gil', number('+5531988881000'))
  await book.refresh()
  assert.equal(book.has('gil', '+5511999991000'), true)
  assert.equal(book.has('gil', '+553188881000'), false)
})

test('a book that holds not all numbers says of no other that it is not listed, and asks for it', async () => {
  const numbers = Array.from({ length: 20 }, (_, i) => number(`+551199999${2000 + i}`))
  await suppressions.add('ivo', numbers, undefined)
  const book = bookOf({ heldMax: 5 })
  await book.refresh()
  assert.equal(numbers.filter((each) => book.has('ivo', each) === false).length, 0)
  assert.equal(book.has('ivo', '+5511999991000'), undefined)
  for (const each of numbers) assert.equal(await book.find('ivo', each), true)
  assert.equal(await book.find('ivo', '+5511999991000'), false)
  assert.equal(book.has('ivo', '+5511999991000'), false)
})

test('a book whose database is away goes on from what it knows, and knows nothing of what it never read', async () => {
  let isAway = false
  const errors: unknown[] = []
  const away = () => Promise.reject(new Error('away'))
  const book = createSuppressionBook({
    suppressions: {
      eachChangedSince: (since, take) => (isAway ? away() : suppressions.eachChangedSince(since, take)),
      find: away,
    },
    refreshMs: 10_000,
    onError: (error) => errors.push(error),
  })
  await suppressions.add('jan', [number('+5511999991000')], undefined)
  await book.start()
  isAway = true
  await assert.rejects(book.refresh())
  assert.equal(book.has('jan', '+5511999991000'), true)
  assert.equal(book.has('jan', '+5511999991001'), false)
  await book.stop()
  assert.deepEqual(errors, [])
})

function bookOf(o: { heldMax?: number }) {
  return createSuppressionBook({ suppressions, refreshMs: 10_000, onError: assert.ifError, ...o })
}

async function instanceOf(owner: string): Promise<string> {
  const created = await store.instances.create({
    name: `of-${owner}`,
    owner,
    evolutionToken: 'token',
    webhookSecretHash: 'hash',
    state: 'open',
  })
  assert.ok(created !== 'name-taken')
  return created.id
}

function entry(text: string, reason?: string): Omit<Suppression, 'at'> {
  return { number: text, ...(reason !== undefined && { reason }), source: 'api' }
}

function number(text: string): PhoneNumber {
  assert.ok(isPhoneNumber(text), text)
  return text
}
