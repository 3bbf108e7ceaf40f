import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { subjectOf } from '@whatsapp-sender/contract'
import type { Instance } from '../src/index.ts'
import { inserted } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
/** As another process has it. */
const second = await openTestStore({ database: store.db.databaseName })
const { instances } = store

test('an instance that connects, is lost and comes back is told once each time, however many processes see it', async () => {
  const { id, name } = await created()
  for (const state of ['connecting', 'open', 'connecting', 'close', 'open'] as const) {
    await Promise.all([store, second, store].map((each) => each.instances.setState(id, state)))
  }
  await Promise.all([copy(), copy(second)])
  const told = await toldOf(id)
  assert.deepEqual(
    told.map(({ n, type }) => [n, type]),
    [
      [1, 'instance.connected'],
      [2, 'instance.disconnected'],
      [3, 'instance.connected'],
    ],
  )
  const at = told[0]?.at ?? ''
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 10_000)
  const event = { v: 1, id: `${id}:1`, n: 1, type: 'instance.connected', at, user: 'ana', instance: name }
  assert.deepEqual(told[0], { ...event, instanceId: id })
})

test('a code to scan is told once until the instance is connected, however many are shown', async () => {
  const { id } = await created()
  await Promise.all([store, second].map((each) => each.instances.noteQrNeeded(id)))
  await instances.noteQrNeeded(id)
  assert.ok((await read(id))?.qrNeededAt instanceof Date)
  await instances.setState(id, 'open')
  assert.equal((await read(id))?.qrNeededAt, undefined)
  await instances.setState(id, 'close')
  await instances.noteQrNeeded(id)
  assert.deepEqual(await typesOf(id), ['qr.needed', 'instance.connected', 'instance.disconnected', 'qr.needed'])
})

test('a login that ended is told when the instance is seen without it, and an old word of it not at all', async () => {
  const [lost, well] = [await created({ state: 'open' }), await created({ state: 'open' })]
  for (const { id } of [lost, well]) await instances.noteQrNeeded(id)
  assert.deepEqual([await typesOf(lost.id), await typesOf(well.id)], [[], []])
  await instances.setState(lost.id, 'close')
  await instances.setState(well.id, 'open')
  assert.equal((await read(well.id))?.qrNeededAt, undefined)
  await instances.setState(well.id, 'connecting')
  assert.deepEqual(await typesOf(lost.id), ['instance.disconnected', 'qr.needed'])
  assert.deepEqual(await typesOf(well.id), ['instance.disconnected'])
})

test('the owner of that moment is told, and of a deleted instance nobody any more', async () => {
  const { id } = await created()
  await instances.setState(id, 'open')
  await instances.setOwner(id, 'bob')
  await instances.setState(id, 'close')
  await instances.markDeleted(id)
  await instances.setState(id, 'open')
  await instances.noteQrNeeded(id)
  await copy()
  assert.deepEqual(
    (await toldOf(id)).map(({ user, type }) => [user, type]),
    [
      ['ana', 'instance.connected'],
      ['bob', 'instance.disconnected'],
    ],
  )
})

test('what happens between the copy and the clearing of a row stays to be told, and the row says nothing of it', async () => {
  const { id } = await created()
  await instances.setState(id, 'open')
  await instances.copyOutboxes(async (drafts) => {
    const head = await store.events.append(drafts, new Date())
    await instances.setState(id, 'close')
    return head
  }, 10)
  const instance = await read(id)
  assert.ok(instance !== undefined && !('outbox' in instance) && !('eventCount' in instance))
  assert.deepEqual(await typesOf(id), ['instance.connected', 'instance.disconnected'])
  assert.equal((await instances.copyOutboxes(async () => 0, 10)).rows, 0)
})

test('events of messages and of instances share one sequence, and a user is shown both', async () => {
  const owner = randomUUID()
  const { id } = await created({ owner })
  const messageId = await inserted(store, { feed: true, user: owner })
  await instances.setState(id, 'open')
  await store.ledger.copyOutboxes((drafts) => store.events.append(drafts, new Date()), 100)
  await copy()
  const shown = await store.events.readAfter(0, { limit: 10, users: [owner] })
  assert.deepEqual(
    shown.map(({ event }) => subjectOf(event)),
    [messageId, id],
  )
})

async function created(given: Partial<Parameters<typeof instances.create>[0]> = {}): Promise<Instance> {
  const plain = { name: randomUUID(), owner: 'ana', evolutionToken: 't', webhookSecretHash: 'h' }
  const instance = await instances.create({ ...plain, state: 'close', ...given })
  assert.ok(instance !== 'name-taken')
  return instance
}

async function read(id: string): Promise<Instance | undefined> {
  return (await instances.changedSince(undefined)).find((each) => each.id === id)
}

async function copy(from = store): Promise<void> {
  const append: Parameters<typeof instances.copyOutboxes>[0] = (drafts) => from.events.append(drafts, new Date())
  for (;;) if ((await from.instances.copyOutboxes(append, 2)).rows === 0) return
}

async function toldOf(id: string) {
  const all = await store.events.readAfter(0, { limit: 10_000 })
  return all.map(({ event }) => event).filter((event) => subjectOf(event) === id)
}

async function typesOf(id: string): Promise<string[]> {
  await copy()
  return (await toldOf(id)).map(({ type }) => type)
}
