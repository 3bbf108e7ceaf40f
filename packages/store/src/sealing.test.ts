import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSealing, SealingError } from './sealing.ts'

const KEY = 'a secret of at least thirty-two bytes'
const OTHER_KEY = 'another secret of thirty-two bytes or more'
const PLACE = { collection: 'instances', id: '1', field: 'token' }
const sealing = createSealing([KEY])

test('a sealed value opens in its own place', () => {
  for (const plain of ['', 'token', 'ação 😀'.repeat(100)])
    assert.equal(sealing.open(sealing.seal(plain, PLACE), PLACE), plain)
})

test('the sealed value does not show the plain one, and the same value never looks the same', () => {
  const [a, b] = [sealing.seal('canary', PLACE), sealing.seal('canary', PLACE)]
  assert.notEqual(a, b)
  assert.ok(!Buffer.from(a.split('.')[1] ?? '', 'base64url').includes('canary'))
})

test('one flipped bit anywhere is an error, never garbage', () => {
  const [keyId, body = ''] = sealing.seal('token', PLACE).split('.')
  const bytes = Buffer.from(body, 'base64url')
  for (let at = 0; at < bytes.length * 8; at++) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3)
    assert.throws(() => sealing.open(`${keyId}.${changed.toString('base64url')}`, PLACE), SealingError)
  }
})

test('a value that was moved to another row, field or collection is an error', () => {
  const sealed = sealing.seal('token', PLACE)
  for (const moved of [{ id: '2' }, { field: 'secret' }, { collection: 'webhooks' }])
    assert.throws(() => sealing.open(sealed, { ...PLACE, ...moved }), SealingError)
})

test('places that only look alike when joined are different', () => {
  const sealed = sealing.seal('token', { collection: 'a', id: 'b/c', field: 'd' })
  assert.throws(() => sealing.open(sealed, { collection: 'a/b', id: 'c', field: 'd' }), SealingError)
})

test('what is no sealed value is an error', () => {
  for (const garbage of ['', '.', 'token', `${sealing.seal('', PLACE).split('.')[0]}.AAAA`])
    assert.throws(() => sealing.open(garbage, PLACE), SealingError)
})

test('after a rotation old values open, new ones need the new key', () => {
  const old = sealing.seal('token', PLACE)
  const rotated = createSealing([OTHER_KEY, KEY])
  assert.equal(rotated.open(old, PLACE), 'token')
  assert.throws(() => sealing.open(rotated.seal('token', PLACE), PLACE), SealingError)
})
