import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ChatMessage, createMessages } from './messages.ts'

function text(keyId: string, words: string): ChatMessage {
  return {
    kind: 'text',
    content: { text: words },
    keyId,
    messageId: keyId,
    instance: 'a1',
    instanceId: 'id',
    remoteJid: '5511999991000@s.whatsapp.net',
    number: '5511999991000',
    direction: 'out',
    at: 0,
    fate: 'read',
    status: 'PENDING',
    updates: [],
  }
}

const kept = (countMax: number, charsMax: number, words: readonly string[]) => {
  const messages = createMessages(countMax, charsMax)
  for (const [index, word] of words.entries()) messages.add(text(String(index), word))
  return messages.recent(100).map(({ keyId }) => keyId)
}

test('the oldest messages leave when there are too many', () => {
  assert.deepEqual(kept(2, 1_000, ['a', 'b', 'c']), ['1', '2'])
})

test('the oldest messages leave when together they are too long', () => {
  const long = (mark: string) => mark.repeat(400)
  assert.deepEqual(kept(100, 1_000, [long('a'), long('b'), long('c')]), ['1', '2'])
})

test('an address that was made long counts as a text does', () => {
  const messages = createMessages(100, 1_000)
  for (const id of ['1', '2', '3']) messages.add({ ...text(id, 'x'), remoteJid: `${'x'.repeat(400)}@lid` })
  assert.deepEqual(
    messages.recent(100).map(({ keyId }) => keyId),
    ['2', '3'],
  )
})

test('what left is not found any more, and the newest are, however many have passed', () => {
  const messages = createMessages(10, 1_000_000)
  for (let n = 0; n < 100; n++) messages.add(text(String(n), 'x'))
  assert.deepEqual(
    messages.recent(100).map(({ keyId }) => keyId),
    ['90', '91', '92', '93', '94', '95', '96', '97', '98', '99'],
  )
  assert.equal(messages.get('89'), undefined)
})
