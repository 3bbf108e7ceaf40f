import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, test } from 'node:test'
import type { ListPlace } from '../src/index.ts'
import { MESSAGES_BY } from '../src/ledger/ledger-indexes.ts'
import { SCANNED_ROWS_MAX } from '../src/ledger/read-page.ts'
import { ingested, outcomeOf, rowsOf } from './ledger-rows.ts'
import { planIn } from './profile.ts'
import { openTestStore } from './test-store.ts'

/** Rows of one moment. */
const TIES = 4
const LISTED = 160
const ATTENTION = 32

const store = await openTestStore()
const { ledger } = store

before(() => fillList())

describe("a user's messages, newest first,", () => {
  const walks = {
    time: [{}, 'user: 1, createdAt: -1, _id: -1'],
    instance: [{ instance: 'instance-3' }, 'user: 1, instance: 1, createdAt: -1, _id: -1'],
    recipient: [{ to: '+5511000000003' }, 'user: 1, to: 1, createdAt: -1, _id: -1'],
    reference: [{ reference: 'order 3' }, 'user: 1, reference: 1, createdAt: -1, _id: -1'],
    attention: [{ attention: true }, 'user: 1, createdAt: -1, _id: -1'],
  } as const
  for (const [name, [filter, index]] of Object.entries(walks))
    test(`are read by ${name} from an index, no row more than a page shows, at any depth`, async () => {
      const which = { user: 'lia', ...filter }
      const all = await everyPage(which)
      assert.ok(all.pages > 3, `${all.pages} pages`)
      for (const after of [undefined, ...all.places]) {
        const page = await planOf(() => ledger.listMessages(which, { after, limit: 5 }))
        // From a place on: what is left of its moment, then all before it.
        const scan = `IXSCAN { ${index} }`
        assert.deepEqual([page.plans, page.sorts], [[after === undefined ? scan : `${scan}, ${scan}`], 0])
        assert.ok(page.rows <= 6 && page.keys <= 8, JSON.stringify(page))
      }
      const bounded = { ...which, since: at(4), until: at(8) }
      const part = await planOf(() => ledger.listMessages(bounded, { limit: 100 }))
      const shown = (await everyPage(bounded)).ids.length
      assert.ok(shown > 0 && part.rows <= shown && part.keys <= shown + 2, JSON.stringify({ shown, part }))
    })

  test('of a status, or by metadata, are looked for in a bounded number of rows: a page may come short, and the next goes on', async () => {
    const which = { user: 'lia', statuses: ['failed'] as const }
    const { plans, sorts, rows } = await planOf(() => ledger.listMessages(which, { limit: 100 }))
    const index = 'IXSCAN { user: 1, createdAt: -1, _id: -1 }'
    assert.deepEqual([plans, sorts, rows], [[index, index], 0, LISTED])
    assert.equal((await everyPage(which)).ids.length, ATTENTION)
    await insertOf('mia', SCANNED_ROWS_MAX + 20)
    const old = await ledger.listMessages({ user: 'mia' }, { limit: 1 })
    await insertOf('mia', SCANNED_ROWS_MAX, new Date(Date.now() + 1))
    const first = { user: 'mia', statuses: ['failed'] as const, instance: 'instance-0' }
    const many = await planOf(() => ledger.listMessages({ user: 'mia', statuses: ['failed'] }, { limit: 100 }))
    const named = await planOf(() => ledger.listMessages({ user: 'mia', metadata: { shop: 'north' } }, { limit: 100 }))
    for (const { rows: read, sorts: sorted } of [many, named]) assert.deepEqual([read, sorted], [SCANNED_ROWS_MAX, 0])
    const page = await ledger.listMessages({ user: 'mia', statuses: ['failed'] }, { limit: 100 })
    assert.deepEqual([page.data, page.next !== undefined], [[], true])
    const rest = await ledger.listMessages({ user: 'mia', statuses: ['queued'] }, { after: page.next, limit: 1 })
    assert.deepEqual(rest.data[0]?.id, old.data[0]?.id)
    assert.ok((await everyPage(first)).pages <= 3)
  })

  test('cost a claim and an outcome nothing: only what never changes is in their indexes', async () => {
    const never = new Set(['user', 'instance', 'to', 'reference', 'batch', 'campaign', 'createdAt', '_id'])
    const names = new Set<string | undefined>(
      Object.values(MESSAGES_BY).filter((name) => name !== MESSAGES_BY.attention),
    )
    const listing = (await store.db.collection('messages').indexes()).filter(({ name }) => names.has(name))
    assert.equal(listing.length, names.size)
    for (const { key } of listing) for (const field of Object.keys(key)) assert.ok(never.has(field), field)
  })
})

test('dead letters of an instance, a recipient, a status or a reason are looked for in a bounded number of rows', async () => {
  const ids = await insertOf('ivo', SCANNED_ROWS_MAX + 20)
  await rowsOf(store).updateMany({ user: 'ivo' }, { $set: { attention: 1, status: 'failed' }, $unset: { open: 1 } })
  const [oldest = ''] = ids.toSorted()
  const way = { attention: 1, reason: { code: 'the-oldest', detail: '' } } as const
  await rowsOf(store).updateOne({ _id: oldest }, { $set: { createdAt: at(0), instance: 'old', to: '+1', ...way } })
  for (const which of [{ instance: 'old' }, { to: '+1' }, { reason: 'the-oldest' }, { status: 'unknown' as const }])
    for (const user of ['ivo', undefined]) {
      const filter = { ...which, user }
      const read = await planOf(() => ledger.listDeadLetters(filter, { limit: 100 }))
      // Once to find how far it may look, once to look.
      assert.ok(read.sorts === 0 && read.rows <= 2 * SCANNED_ROWS_MAX, JSON.stringify({ filter, read }))
      const first = await ledger.listDeadLetters(filter, { limit: 100 })
      assert.deepEqual([first.data, first.next !== undefined], [[], true])
      const rest = await ledger.listDeadLetters(filter, { after: first.next, limit: 100 })
      const found = which.status === undefined ? [oldest] : []
      assert.deepEqual([rest.data.map(({ id }) => id), rest.next], [found, undefined])
    }
  const swept = await ledger.discardMatching({ user: 'ivo', instance: 'old' }, { by: 'ivo', limit: 500 })
  assert.deepEqual([swept.done, swept.seen, swept.next !== undefined], [0, 0, true])
})

const planOf = (work: () => Promise<unknown>) => planIn(store, work)

function at(second: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second))
}

async function insertOf(user: string, count: number, now = new Date()): Promise<string[]> {
  const messages = Array.from({ length: count }, (_, n) =>
    ingested({ user, instance: `instance-${n % 7}`, to: `+551100000000${n % 5}`, reference: `order ${n % 6}` }),
  )
  await ledger.insert(messages, now)
  return messages.map(({ record }) => record.id)
}

/** Four each second; of every group of five one has failed. */
async function fillList(): Promise<void> {
  for (let n = 0; n < LISTED / TIES; n++) {
    const messages = Array.from({ length: TIES }, (_, tie) => {
      const all = n * TIES + tie
      return ingested({
        user: 'lia',
        instance: `instance-${all % 7}`,
        to: `+551100000000${all % 5}`,
        reference: `order ${all % 6}`,
      })
    })
    await ledger.insert(messages, at(n % 20))
    const failing = messages.filter((_, tie) => (n * TIES + tie) % 5 === 0).map(({ record }) => record.id)
    const token = randomUUID()
    await ledger.claim({ ids: failing, token, by: 'process' })
    await ledger.recordOutcomes(failing.map((id) => outcomeOf({ id, claim: token }, 'failed')))
  }
}

async function everyPage(filter: Parameters<typeof ledger.listMessages>[0]) {
  const ids: string[] = []
  const places: ListPlace[] = []
  let after: ListPlace | undefined
  do {
    const { data, next } = await ledger.listMessages(filter, { after, limit: 5 })
    ids.push(...data.map(({ id }) => id))
    if (next !== undefined) places.push(next)
    after = next
  } while (after !== undefined)
  assert.equal(new Set(ids).size, ids.length, 'no row twice')
  return { ids, places, pages: places.length + 1 }
}
