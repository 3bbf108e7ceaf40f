import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hashPassword, verifyPassword } from './password-worker.ts'

/** From passlib's documentation: the hash of "toomanysecrets". */
const PASSLIB = '$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk'

describe('passwords', () => {
  test('a password matches its own hash only', () => {
    const hash = hashPassword({ password: 'tiny horse eats 9 pears' })
    assert.deepEqual(verifyPassword({ password: 'tiny horse eats 9 pears', hash }), {
      matches: true,
      isOutdated: false,
    })
    assert.equal(verifyPassword({ password: 'tiny horse eats 9 pearS', hash }).matches, false)
  })

  test('an imported passlib hash is verified and marked for renewal', () => {
    assert.deepEqual(verifyPassword({ password: 'toomanysecrets', hash: PASSLIB }), { matches: true, isOutdated: true })
    assert.equal(verifyPassword({ password: 'toomanysecretz', hash: PASSLIB }).matches, false)
  })

  test('nothing beyond 72 bytes is cut: such a password is neither hashed nor does it match', () => {
    const long = 'a1'.repeat(36)
    const hash = hashPassword({ password: long })
    assert.equal(verifyPassword({ password: long, hash }).matches, true)
    assert.equal(verifyPassword({ password: `${long}x`, hash }).matches, false)
    assert.throws(() => hashPassword({ password: `${long}x` }), RangeError)
    assert.throws(() => hashPassword({ password: '😀'.repeat(25) }), RangeError)
  })

  test('nobody has the password of the dummy hash, and an unreadable hash matches nothing', () => {
    assert.equal(verifyPassword({ password: '', hash: undefined }).matches, false)
    assert.equal(verifyPassword({ password: 'x', hash: 'plain x' }).matches, false)
  })
})
