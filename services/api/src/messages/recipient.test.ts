import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRecipientSchema } from './recipient.ts'

const recipient = createRecipientSchema('BR')

test('a number is the same with blanks around it, the first time and when it is remembered', () => {
  for (const written of ['5511999991000', ' 5511999991000\n', '5511999991000']) {
    assert.equal(recipient.parse(written), '+5511999991000')
  }
})

test('nothing longer than a number can be is remembered, however much of it is blank', () => {
  for (const length of [41, 60_000]) {
    const padded = '5511999991000'.padStart(length)
    for (let i = 0; i < 2; i++) assert.equal(recipient.safeParse(padded).success, false)
  }
})
