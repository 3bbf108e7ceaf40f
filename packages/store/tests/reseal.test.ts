import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { parsePhoneNumber } from '@whatsapp-sender/contract'
import type { Store } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const OLD = 'the key of old, at least thirty-two bytes'
const NEW = 'the key to come, at least thirty-two bytes'
const NUMBER = parsePhoneNumber('+5511999990001') ?? assert.fail()
const ORDER = { kind: 'replay', filter: { user: 'ana', to: NUMBER }, expiresAt: null } as const
const REQUEST = { user: 'ana', route: 'POST /v1/media', key: 'k', bodyHash: 'hash' }
const UNTIL = new Date(Date.now() + 3_600_000)

test('what is sealed with a key that goes opens with the new one alone, once it is sealed anew', async () => {
  const store = await openTestStore({ secretKey: OLD })
  const made = await fill(store)
  const database = store.db.databaseName
  const both = await openTestStore({ database, secretKey: NEW, otherSecretKeys: [OLD] })
  await assertReadable(both, made)
  // Two Evolution keys, two secrets of one webhook, a recipient, a number, and an answer with the hash of its request.
  assert.deepEqual(await both.reseal(), { resealed: 8, unreadable: 0 })
  assert.deepEqual(await both.reseal(), { resealed: 0, unreadable: 0 })
  await assertReadable(await openTestStore({ database, secretKey: NEW }), made)
})

test('what none of the keys opens is counted, stays as it is and stops nothing', async () => {
  const store = await openTestStore({ secretKey: 'a key that nobody has kept, 32 bytes' })
  const { instance } = await fill(store)
  const before = await store.db.collection<{ _id: string }>('instances').findOne({ _id: instance.id })
  const database = store.db.databaseName
  const other = await openTestStore({ database, secretKey: NEW, otherSecretKeys: [OLD] })
  await other.evolutionServers.create({ name: 'third', url: 'http://evolution-3:8080', apiKey: 'its key' })
  // The two secrets of a webhook are exchanged together or not at all.
  assert.deepEqual(await other.reseal(), { resealed: 0, unreadable: 7 })
  assert.deepEqual(await store.db.collection<{ _id: string }>('instances').findOne({ _id: instance.id }), before)
})

async function fill(store: Store) {
  const instance = await store.instances.create({
    name: randomUUID(),
    owner: 'ana',
    evolutionServer: 'default',
    evolutionToken: 'the token',
    webhookSecretHash: 'hash',
    state: 'open',
  })
  assert.ok(instance !== 'name-taken')
  await store.evolutionServers.create({ name: 'second', url: 'http://evolution-2:8080', apiKey: 'its key' })
  const { endpoint, secret } = await store.webhookEndpoints.create({
    user: 'ana',
    url: 'https://example.com/hook',
    fromSeq: 0,
  })
  const rotated = await store.webhookEndpoints.rotateSecret(endpoint, new Date(), UNTIL)
  await store.bulkOperations.order({ by: 'ana', address: '', order: ORDER, from: undefined })
  const erasure = { by: 'ana', user: undefined, number: NUMBER, person: 'p', withSuppressions: false }
  await store.personErasures.order(erasure)
  const begun = await store.idempotentAnswers.begin(REQUEST, new Date())
  assert.ok(begun.kind === 'begun')
  await store.idempotentAnswers.keep(begun.turn, 'the answer')
  return { instance, endpoint, secrets: new Set([rotated, secret]) }
}

async function assertReadable(store: Store, { instance, endpoint, secrets }: Awaited<ReturnType<typeof fill>>) {
  assert.equal((await store.instances.findByName(instance.name))?.evolutionToken, 'the token')
  assert.equal((await store.evolutionServers.list()).servers[0]?.apiKey, 'its key')
  const now = new Date()
  await store.webhookEndpoints.wake([endpoint.id], now)
  const claimed = await store.webhookEndpoints.claim('one', now, now)
  assert.deepEqual(new Set(claimed?.secrets), secrets)
  const order = await store.bulkOperations.hold('one')
  assert.deepEqual(order?.order, ORDER)
  await store.bulkOperations.release(order?.id ?? '', 'one')
  const erasure = await store.personErasures.hold('one')
  assert.equal(erasure?.number, NUMBER)
  await store.personErasures.release(erasure?.id ?? '', 'one')
  assert.deepEqual(await store.idempotentAnswers.begin(REQUEST, now), { kind: 'answered', answer: 'the answer' })
}
