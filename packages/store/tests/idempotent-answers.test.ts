import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { BeginResult, RepeatableRequest } from '../src/index.ts'
import { openTestStore } from './test-store.ts'

const { idempotentAnswers: answers, db } = await openTestStore()
const NOW = new Date()
const DAY_MS = 86_400_000

test('of many that begin at once one has the turn, and all others are told that it is under way', async () => {
  const request = named()
  const results = await Promise.all(Array.from({ length: 20 }, () => answers.begin(request, NOW)))
  assert.deepEqual(kinds(results), { begun: 1, 'under-way': 19 })
})

test('what was answered is answered again, to the same user, route, key and body only', async () => {
  const request = named()
  await answers.keep(turnOf(await answers.begin(request, NOW)), '{"key":"CANARY"}')
  assert.deepEqual(await answers.begin(request, NOW), { kind: 'answered', answer: '{"key":"CANARY"}' })
  assert.deepEqual(await answers.begin({ ...request, bodyHash: 'other' }, NOW), { kind: 'reused' })
  for (const other of [{ user: 'bob' }, { route: 'POST /other' }, { key: 'another' }])
    assert.equal((await answers.begin({ ...request, ...other }, NOW)).kind, 'begun')
  assert.doesNotMatch(JSON.stringify(await db.collection('idempotent_answers').find().toArray()), /CANARY/)
})

test('a name is free again when nothing was done, also for another body', async () => {
  const request = named()
  await answers.free(turnOf(await answers.begin(request, NOW)))
  assert.equal((await answers.begin({ ...request, bodyHash: 'other' }, NOW)).kind, 'begun')
})

test('whoever began and died is taken over after two minutes, by one, and cannot answer any more', async () => {
  const request = named()
  const dead = turnOf(await answers.begin(request, NOW))
  const later = new Date(NOW.getTime() + 120_001)
  assert.deepEqual(await answers.begin({ ...request, bodyHash: 'other' }, later), { kind: 'reused' })
  const results = await Promise.all(Array.from({ length: 10 }, () => answers.begin(request, later)))
  assert.deepEqual(kinds(results), { begun: 1, 'under-way': 9 })
  await answers.keep(dead, 'late')
  await answers.free(dead)
  assert.deepEqual(await answers.begin(request, later), { kind: 'under-way' })
})

test('an answer is kept for a day', async () => {
  const request = named()
  await answers.keep(turnOf(await answers.begin(request, NOW)), 'done')
  const at = (ms: number) => answers.begin(request, new Date(NOW.getTime() + ms))
  assert.equal((await at(DAY_MS - 1)).kind, 'answered')
  assert.equal((await at(DAY_MS)).kind, 'begun')
})

function named(): RepeatableRequest {
  return { user: 'ana', route: 'POST /v1/things', key: randomUUID(), bodyHash: 'a' }
}

function turnOf(result: BeginResult) {
  assert.ok(result.kind === 'begun')
  return result.turn
}

function kinds(results: readonly BeginResult[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(results, ({ kind }) => kind)].map(([kind, { length }]) => [kind, length]))
}
