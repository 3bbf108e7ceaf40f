import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogHash } from './log-hash.ts'

const SECRET = 's'.repeat(40)

test('a number has one hash, however it is written, and another number another', () => {
  const { number } = createLogHash(SECRET)
  const forms = ['+5511999991000', '5511999991000', '5511999991000@s.whatsapp.net', '5511999991000:12@s.whatsapp.net']
  assert.equal(new Set(forms.map(number)).size, 1)
  assert.notEqual(number('+5511999991001'), number('+5511999991000'))
  assert.match(number('+5511999991000'), /^[0-9a-f]{16}$/)
})

test('whoever does not have the key can try neither numbers nor addresses', () => {
  const [ours, other] = [createLogHash(SECRET), createLogHash('t'.repeat(40))]
  assert.notEqual(ours.number('+5511999991000'), other.number('+5511999991000'))
  assert.notEqual(ours.text('ana@example.com'), other.text('ana@example.com'))
})
