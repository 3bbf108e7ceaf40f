import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '@whatsapp-sender/contract'
import type { MessageRow } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { createFindReference } from './find-reference.ts'

const ROW = laneRow()
const CHAT = '5511999991000@s.whatsapp.net'

test('a message that refers to none asks nobody', async () => {
  const find = createFindReference({
    findOwned: () => assert.fail('asked'),
    learnedJid: () => assert.fail('asked'),
    insist: (read) => read(),
  })
  assert.deepEqual(await find(ROW, { type: 'text', content: { text: 'hi' } }), { reference: undefined })
})

test('an earlier message is found by its id here, with its words and its chat', async () => {
  assert.deepEqual(await find(quoting('first'), { rows: [earlier()] }), {
    reference: { id: '3EB0', remoteJid: CHAT, fromMe: true, text: 'hello' },
  })
  assert.deepEqual(await find(quoting('first'), { rows: [earlier()], learned: '77@lid' }), {
    reference: { id: '3EB0', remoteJid: '77@lid', fromMe: true, text: 'hello' },
  })
})

test('the key of WhatsApp is taken as it is, in the chat with the recipient unless it names one', async () => {
  const key = { id: 'ABC', fromMe: false }
  assert.deepEqual(await find(quoting(key)), { reference: { ...key, remoteJid: CHAT } })
  assert.deepEqual(await find(quoting({ ...key, remoteJid: '77@lid' })), { reference: { ...key, remoteJid: '77@lid' } })
})

test('another user’s message, and one of another instance, are as good as none', async () => {
  assert.equal(await failureOf(quoting('first'), [earlier({ user: 'bia' })]), 'permanent reference-missing')
  assert.equal(await failureOf(quoting('first'), [earlier({ instanceId: 'other' })]), 'permanent reference-missing')
})

test('what has not been sent cannot be answered: for good when it has ended, and not yet when it waits', async () => {
  for (const [status, expected] of [
    ['failed', 'permanent reference-unsent'],
    ['unknown', 'permanent reference-unsent'],
    ['queued', 'transient reference-waits'],
    ['scheduled', 'transient reference-waits'],
    ['sending', 'transient reference-waits'],
  ] as const) {
    const { providerMessageId: _none, ...unsent } = earlier({ status })
    assert.equal(await failureOf(quoting('first'), [unsent]), expected)
  }
})

test('a reaction reaches nobody but its own recipient', async () => {
  const reaction: Message = { type: 'reaction', content: { target: 'first', emoji: '👍' } }
  assert.ok('reference' in (await find(reaction, { rows: [earlier()] })))
  assert.equal(await failureOf(reaction, [earlier({ to: '+5511988887001' })]), 'permanent reference-elsewhere')
})

test('a database that is away is waited for, and is no failure of the message', async () => {
  let asked = 0
  const found = createFindReference({
    findOwned: async () => earlier(),
    learnedJid: async () => undefined,
    insist: async (read) => {
      asked += 1
      return await read()
    },
  })
  assert.ok('reference' in (await found(ROW, quoting('first'))))
  assert.equal(asked, 2)
})

function quoting(quoted: NonNullable<Extract<Message, { type: 'text' }>['content']['quoted']>): Message {
  return { type: 'text', content: { text: 'hi', quoted } }
}

async function find(message: Message, o: { rows?: readonly MessageRow[]; learned?: string } = {}) {
  const findReference = createFindReference({
    findOwned: async (user, id) => o.rows?.find((row) => row.user === user && row.id === id),
    learnedJid: async () => o.learned,
    insist: (read) => read(),
  })
  return await findReference(ROW, message)
}

async function failureOf(message: Message, rows: readonly MessageRow[]): Promise<string> {
  const found = await find(message, { rows })
  return 'failure' in found ? `${found.failure.kind} ${found.failure.code}` : 'found'
}

function earlier(facts: Partial<MessageRow> = {}): MessageRow {
  return {
    id: 'first',
    user: ROW.user,
    instance: ROW.instance,
    instanceId: ROW.instanceId,
    to: ROW.to,
    type: 'text',
    content: { text: 'hello' },
    bodyHash: '',
    priority: 'normal',
    onAmbiguous: 'resend',
    status: 'sent',
    appendedAt: 0,
    offset: 0n,
    acceptedAt: new Date(0),
    attemptsCount: 1,
    attempts: [],
    providerMessageId: '3EB0',
    ...facts,
  }
}
