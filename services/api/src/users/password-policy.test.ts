import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createPasswordPolicy } from './password-policy.ts'

const judge = createPasswordPolicy({ lengthMin: 8 })

describe('password policy', () => {
  test('length is all that is asked: 8 characters to 72 bytes', () => {
    assert.match(String(judge('kd8Qz!2')), /at least 8/)
    assert.equal(judge('kd8Qz!2w'), undefined)
    assert.equal(judge(`só ${'palavra rara '.repeat(4)}e mais um pouco`), undefined)
    assert.match(String(judge('k'.repeat(40) + 'q'.repeat(33))), /72 bytes/)
    assert.match(String(judge('😀'.repeat(25))), /72 bytes/)
  })

  test('common passwords are refused, whatever their case and whatever hangs on to them', () => {
    const common = ['correcthorsebattery', 'Password', 'PASSWORD123!', 'iloveyou2', 'abcdabcdabcd', '12345678']
    for (const password of common) assert.match(String(judge(password)), /common/, password)
  })
})
