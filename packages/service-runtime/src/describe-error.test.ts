import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { describeError } from './describe-error.ts'

const CANARY = 'canary-7f3a'

test('shows nothing of the text that JSON.parse could not read, wherever it broke off', () => {
  const texts = [
    CANARY,
    `{"text":"${CANARY}`,
    `{"a":1}${CANARY}`,
    `["${CANARY}",]`,
    `{"a":\n"${CANARY}"\n"b"}`,
    `"${CANARY}\n"`,
  ]
  for (const text of texts) {
    const described = JSON.stringify(describeError(failureOf(() => JSON.parse(text))))
    assert.doesNotMatch(described, new RegExp(CANARY), text)
    assert.match(described, /describe-error\.test\.ts/, 'the place stays')
  }
})

test('shows nothing of what a unique index or a cast of the database refused', () => {
  for (const message of [
    `E11000 duplicate key error collection: db.users index: email_1 dup key: { email: "${CANARY}@example.com" }`,
    `Cast to Number failed for value "${CANARY}" (type string) at path "sendAt"`,
  ]) {
    assert.doesNotMatch(JSON.stringify(describeError(new Error(message))), new RegExp(CANARY))
  }
})

test('shows no e-mail address and no credentials of an address, and keeps what WhatsApp calls a chat', () => {
  assert.equal(messageOf('no mailbox ana.souza@example.com here'), 'no mailbox [address] here')
  assert.equal(messageOf('mongodb://root:secret@db.internal:27017 refused'), 'mongodb://[address] refused')
  assert.equal(messageOf('no session for 5511999991000@s.whatsapp.net'), 'no session for …1000@s.whatsapp.net')
})

test('a number keeps its last four digits, however it is written; what is none stays', () => {
  for (const number of [
    '5511999991000',
    '+5511999991000',
    '+55 (11) 99999-1000',
    '+1 202 555 0143',
    '120363041234561000@g.us',
  ]) {
    assert.doesNotMatch(messageOf(`to ${number} it was`), /\d{5}|\d[ -]\d/, number)
  }
  assert.equal(messageOf('connect ECONNREFUSED 192.168.100.200:27017'), 'connect ECONNREFUSED 192.168.100.200:27017')
  assert.equal(messageOf('row 018f2a3b-1234567890ab'), 'row 018f2a3b-1234567890ab')
})

test('a thrown text is shown as the message of an error is', () => {
  assert.equal(describeError('no session for 5511999991000'), 'no session for …1000')
})

test('a message is a thousand characters at most, in a time that does not grow with it', () => {
  for (const part of ['a', 'a@', '"', '+1 ', '1', '"a" is not valid JSON ', 'dup key: {', 'for value "']) {
    const began = process.cpuUsage()
    assert.ok(messageOf(part.repeat(50_000)).length <= 1000)
    assert.ok(process.cpuUsage(began).user < 500_000, `slow on ${part}`)
  }
})

test('whatever the message says, the stack says it once, masked, and then places', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const { message, stack } = Object(describeError(new Error(`${text} +5511999991000`)))
      assert.ok(stack.startsWith(`Error: ${message}`))
      assert.doesNotMatch(stack, /99999/)
    }),
  )
})

function messageOf(text: string): string {
  return Object(describeError(new Error(text))).message
}

function failureOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return assert.fail('it did not fail')
}
