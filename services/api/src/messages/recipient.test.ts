import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRecipientSchema, numbersOnly } from './recipient.ts'

const recipient = createRecipientSchema('BR')

test('a number is the same with blanks around it, the first time and when it is remembered', () => {
  for (const written of ['5511999991000', ' 5511999991000\n', '5511999991000']) {
    assert.equal(recipient.parse(written), '+5511999991000')
  }
})

test('nothing longer than a number can be is remembered, however much of it is blank', () => {
  for (const length of [49, 60_000]) {
    const padded = '5511999991000'.padStart(length)
    for (let i = 0; i < 2; i++) assert.equal(recipient.safeParse(padded).success, false)
  }
})

test('a group and a hidden number are taken as they are, and nothing else that has a server', () => {
  for (const jid of ['120363041234567890@g.us', '5511999991000-1388888888@g.us', '123456789012345@lid']) {
    assert.equal(recipient.parse(` ${jid} `), jid)
    assert.equal(numbersOnly(recipient).safeParse(jid).success, false)
  }
  for (const other of [
    '5511999991000@s.whatsapp.net',
    'status@broadcast',
    '12@lid',
    'x@g.us',
    '120363041234567890@G.US',
  ])
    assert.equal(recipient.safeParse(other).success, false, other)
  assert.equal(numbersOnly(recipient).parse('5511999991000'), '+5511999991000')
})
