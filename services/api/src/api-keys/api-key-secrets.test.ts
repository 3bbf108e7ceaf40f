import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApiKeySecrets } from './api-key-secrets.ts'

const SECRET = 'a secret of at least thirty-two bytes'
const secrets = createApiKeySecrets({ newest: SECRET })
const other = createApiKeySecrets({ newest: 'another secret of thirty-two bytes or more' })

test('a key names its row, matches its own hash only, and its hash does not hold it', () => {
  const [a, b] = [secrets.create(), secrets.create()]
  assert.match(a.key, /^wsk_[0-9a-f]{16}_[A-Za-z0-9_-]{51}$/)
  assert.equal(secrets.idOf(a.key), a.id)
  assert.ok(secrets.matches(a.key, a.hash))
  assert.ok(!secrets.matches(b.key, a.hash))
  assert.ok(!a.hash.includes(a.key.slice(-51)))
})

test('a key holds as long as the secret that made it is let in', () => {
  const { key, id, hash } = secrets.create()
  const both = createApiKeySecrets({ newest: 'another secret of thirty-two bytes or more', others: [SECRET] })
  assert.equal(both.idOf(key), id)
  assert.ok(both.matches(key, hash))
  const made = both.create()
  assert.equal(other.idOf(made.key), made.id)
  assert.equal(secrets.idOf(made.key), undefined)
})

test('a key that was made up, changed in one character or made with another secret names no row', () => {
  const { key, hash } = secrets.create()
  for (let at = 'wsk_'.length; at < key.length; at++) {
    const changed = `${key.slice(0, at)}${key[at] === 'a' ? 'b' : 'a'}${key.slice(at + 1)}`
    assert.equal(secrets.idOf(changed), undefined, changed)
  }
  for (const wrong of ['', 'wsk_', `${key}a`, key.slice(0, -1), ` ${key}`, key.toUpperCase()]) {
    assert.equal(secrets.idOf(wrong), undefined, wrong)
  }
  assert.equal(other.idOf(key), undefined)
  assert.ok(!other.matches(key, hash))
  assert.ok(!secrets.matches(key, ''))
})
