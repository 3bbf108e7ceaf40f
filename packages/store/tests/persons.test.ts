import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePhoneNumber } from '@whatsapp-sender/contract'
import type { HeldErasure, Store } from '../src/index.ts'
import { inserted, rowsOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const number = parsePhoneNumber('+5511999991000') ?? assert.fail()
const EMPTIED_PER_STEP = 200

test('an erasure goes on where a process has died over it, and the dead one cannot hold it up', async () => {
  const store = await openTestStore()
  const MESSAGES = EMPTIED_PER_STEP + 5
  for (let n = 0; n < MESSAGES; n++) await inserted(store)
  const { id } = await order(store)
  const first = await store.personErasures.hold('dead')
  assert.equal(first?.id, id)
  await takeSteps(store, first, { holder: 'dead', steps: 5 })
  const emptied = async () => await rowsOf(store).countDocuments({ to: '' })
  assert.equal(await emptied(), EMPTIED_PER_STEP)

  assert.equal(await store.personErasures.hold('other'), undefined, 'nobody else may, while it is held')
  await store.db.collection('person_erasures').updateOne({}, { $set: { 'lease.until': new Date(0) } })
  const next = await store.personErasures.hold('other')
  assert.ok(next)
  assert.equal(await store.personErasures.note(id, 'dead', { left: 7 }), false)
  await takeSteps(store, next, { holder: 'other', steps: 100 })
  assert.equal(await emptied(), MESSAGES)
  assert.equal((await store.personErasures.find(id, 'ana'))?.counts.messages, MESSAGES)
  const [kept] = await store.db.collection('person_erasures').find().toArray()
  assert.ok(kept && !('sealedNumber' in kept) && !('lease' in kept))
  assert.equal(await store.personErasures.hold('other'), undefined)
})

test('one that waits does not keep another from its turn', async () => {
  const store = await openTestStore()
  const waiting = await order(store)
  const ready = await order(store, 'other')
  const first = await store.personErasures.hold('p')
  assert.ok(first)
  await store.personErasures.release(first.id, 'p')
  const second = await store.personErasures.hold('p')
  assert.deepEqual(new Set([first.id, second?.id]), new Set([waiting.id, ready.id]))
})

test('a message is not closed before all that it has to tell is among the events, where it can be found', async () => {
  const store = await openTestStore()
  const id = await inserted(store, { feed: true })
  await store.ledger.cancel({ id, user: 'ana', by: 'ana' })
  const which = { user: 'ana', numbers: [number], acceptedUntil: new Date() }
  assert.equal(await store.ledger.closeRowsTo(which), 1)
  assert.deepEqual(await store.ledger.closedRowsTo(which, 10), [])
  await store.ledger.copyOutboxes((drafts) => store.events.append(drafts, new Date()), 10)
  assert.equal(await store.ledger.closeRowsTo(which), 0)
  assert.deepEqual(await store.ledger.closedRowsTo(which, 10), [id])
})

test('the rows of a file are looked through in stretches, those to one number go, and all others stay', async () => {
  const store = await openTestStore()
  const others = ['one', 'two', 'three'].flatMap((instance) =>
    Array.from({ length: 4 }, (_, n) => ({ line: n + 2, instance, body: '{}', to: `+551199999200${n}` })),
  )
  const his = ['one', 'three'].map((instance) => ({ line: 9, instance, body: '{}', to: number }))
  for (const upload of ['a', 'b']) await store.campaignRows.insert(upload, [...others, ...his])
  let erased = 0
  let steps = 0
  for (let after: string | undefined = ''; after !== undefined; steps++) {
    const step: { erased: number; last: string | undefined } = await store.campaignRows.eraseTo('a', [number], {
      after,
      limit: 3,
    })
    erased += step.erased
    after = step.last
  }
  assert.deepEqual([erased, steps], [2, 5])
  const kept = await store.db.collection('campaign_rows').find().toArray()
  assert.deepEqual(
    [kept.length, kept.filter(({ to }) => to === number).length],
    [2 * others.length + his.length, his.length],
  )
})

function order(store: Store, user = 'ana') {
  return store.personErasures.order({ by: 'ana', user, number, person: 'p', withSuppressions: false })
}

async function takeSteps(store: Store, held: HeldErasure, { holder, steps }: { holder: string; steps: number }) {
  let erasure = held
  for (let step = 0; step < steps && erasure.stage !== 'done'; step++) {
    const { change } = await store.persons.eraseStep(erasure)
    assert.ok(await store.personErasures.note(erasure.id, holder, change))
    erasure = { ...erasure, ...change }
  }
}
