import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from './test-store.ts'

const TTL_MS = 60_000
const store = await openTestStore()
const tokens = store.refreshTokens

test('each use gives the next token of the same user', async () => {
  let token = await tokens.issue({ user: 'ana', ttlMs: TTL_MS })
  for (let i = 0; i < 3; i++) {
    const rotation = await tokens.rotate(token, TTL_MS)
    assert.ok(rotation.kind === 'rotated')
    assert.equal(rotation.user, 'ana')
    assert.notEqual(rotation.token, token)
    token = rotation.token
  }
})

test('a token that comes a second time ends its whole family, and no other login', async () => {
  const first = await tokens.issue({ user: 'ana', ttlMs: TTL_MS })
  const other = await tokens.issue({ user: 'ana', ttlMs: TTL_MS })
  const second = await tokens.rotate(first, TTL_MS)
  assert.ok(second.kind === 'rotated')
  assert.deepEqual(await tokens.rotate(first, TTL_MS), { kind: 'refused' })
  assert.deepEqual(await tokens.rotate(second.token, TTL_MS), { kind: 'refused' })
  assert.equal((await tokens.rotate(other, TTL_MS)).kind, 'rotated')
})

test('of many uses at once at most one is served', async () => {
  const token = await tokens.issue({ user: 'ana', ttlMs: TTL_MS })
  const rotations = await Promise.all(Array.from({ length: 10 }, () => tokens.rotate(token, TTL_MS)))
  assert.ok(rotations.filter(({ kind }) => kind === 'rotated').length <= 1)
})

test('an expired token and what is no token are refused', async () => {
  const expired = await tokens.issue({ user: 'ana', ttlMs: -1 })
  for (const token of [expired, '', '.', 'x'.repeat(66), `${'a'.repeat(22)}.${'b'.repeat(43)}`])
    assert.deepEqual(await tokens.rotate(token, TTL_MS), { kind: 'refused' })
})

test('all tokens of a user end together, those of others stay', async () => {
  const mine = await tokens.issue({ user: 'bia', ttlMs: TTL_MS })
  const others = await tokens.issue({ user: 'ana', ttlMs: TTL_MS })
  await tokens.revokeAllOf('bia')
  assert.equal((await tokens.rotate(mine, TTL_MS)).kind, 'refused')
  assert.equal((await tokens.rotate(others, TTL_MS)).kind, 'rotated')
})

test('the database holds no token', async () => {
  const token = await tokens.issue({ user: 'ana', ttlMs: TTL_MS })
  const dump = JSON.stringify(await store.db.collection('refresh_tokens').find().toArray())
  assert.ok(!dump.includes(token.split('.')[1] ?? token))
})
