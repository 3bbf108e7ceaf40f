import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bodyHashOf, isPhoneNumber, type MessageRecord, messageIdFor, textOf } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import type { PublishOutcome } from '../kafka/group-commit-producer.ts'
import { createRefuseNew } from './refuse-new.ts'
import { createSendMessage } from './send-message.ts'

describe('accepting a message', () => {
  test('asks for events where the user has a feed, or the installation gives one to whom it is not said of', async () => {
    const principal = (eventFeed?: boolean) => ({ ...COMMAND.principal, eventFeed })
    for (const [eventFeedDefault, eventFeed, expected] of [
      [false, undefined, undefined],
      [true, undefined, true],
      [true, false, undefined],
      [false, true, true],
    ] as const) {
      const { sendMessage, published } = setUp({ eventFeedDefault })
      await sendMessage({ ...COMMAND, principal: principal(eventFeed) })
      assert.equal(published[0]?.feed, expected)
    }
  })

  test('goes on without the database when it does not answer within 300 ms', async () => {
    const { sendMessage, published } = setUp({ lookup: () => new Promise(() => {}) })
    const startedAt = performance.now()
    const result = await sendMessage({ ...COMMAND, idempotencyKey: 'k' })
    assert.deepEqual(result, { kind: 'accepted', id: messageIdFor('u', 'k'), isReplay: false })
    assert.ok(performance.now() - startedAt < 600)
    assert.equal(published.length, 1)
  })

  test('a second of validity is enough, however long its key was looked up', async () => {
    const { sendMessage } = setUp({ lookup: () => new Promise(() => {}) })
    assert.equal((await sendMessage({ ...COMMAND, idempotencyKey: 'k', ttlSeconds: 1 })).kind, 'accepted')
    const expiresAt = new Date(Date.now() + 900)
    assert.equal((await sendMessage({ ...COMMAND, expiresAt })).kind, 'expires-too-soon')
  })

  test('without an idempotency key asks the database nothing', async () => {
    const { sendMessage } = setUp({ lookup: () => assert.fail('asked') })
    assert.equal((await sendMessage(COMMAND)).kind, 'accepted')
  })

  test('tells the id of a message that may be in the log', async () => {
    const { sendMessage, published } = setUp({ outcome: 'unknown' })
    assert.deepEqual(await sendMessage(COMMAND), { kind: 'accept-unknown', id: published[0]?.id })
  })

  test('never judges an instance missing that could not be looked up yet', async () => {
    const { sendMessage } = setUp({})
    assert.equal((await sendMessage({ ...COMMAND, instance: 'other' })).kind, 'unavailable')
  })

  test('an idempotency key stands for one body at once, not only when the first is in the ledger', async () => {
    const { sendMessage, published } = setUp({})
    const command = { ...COMMAND, idempotencyKey: 'k' }
    const kinds = await kindsOf([
      sendMessage(command),
      sendMessage({ ...command, content: { text: 'another' } }),
      sendMessage(command),
    ])
    assert.deepEqual(kinds, ['accepted', 'idempotency-key-reused', 'accepted'])
    assert.deepEqual(new Set(published.map(textOf)), new Set(['olá']))
  })

  test('an idempotency key of what was certainly not accepted is free for another body', async () => {
    const command = { ...COMMAND, idempotencyKey: 'k' }
    for (const [outcome, second] of [
      ['overloaded', 'overloaded'],
      ['unknown', 'idempotency-key-reused'],
    ] as const) {
      const { sendMessage } = setUp({ outcome })
      await sendMessage(command)
      assert.equal((await sendMessage({ ...command, content: { text: 'another' } })).kind, second)
    }
  })

  test('an idempotency key of what was accepted stays taken when its repetition is refused', async () => {
    for (const answers of [
      ['published', 'overloaded'],
      ['overloaded', 'published'],
    ] as const) {
      const outcomes: PublishOutcome[] = [...answers]
      const { sendMessage } = setUp({ nextOutcome: () => outcomes.shift() ?? 'published' })
      const command = { ...COMMAND, idempotencyKey: 'k' }
      const kinds = await kindsOf([sendMessage(command), sendMessage(command)])
      assert.deepEqual(kinds.sort(), ['accepted', 'overloaded'])
      assert.equal((await sendMessage({ ...command, content: { text: 'another' } })).kind, 'idempotency-key-reused')
    }
  })

  test('to a recipient who wants none is refused, unless it is not known here or was accepted before', async () => {
    const refused = setUp({ isSuppressed: () => true })
    assert.equal((await refused.sendMessage(COMMAND)).kind, 'suppressed')
    assert.equal(refused.published.length, 0)
    assert.equal((await setUp({ isSuppressed: () => undefined }).sendMessage(COMMAND)).kind, 'accepted')
  })

  test('what the user wants done with ambiguous outcomes holds unless the message says otherwise', async () => {
    const { sendMessage, published } = setUp({})
    await sendMessage(COMMAND)
    await sendMessage({ ...COMMAND, onAmbiguous: 'resend' })
    assert.deepEqual(
      published.map(({ onAmbiguous }) => onAmbiguous),
      ['hold', 'resend'],
    )
    for (const record of published) assert.equal(record.bodyHash, bodyHashOf(record))
  })
})

const TO = '+5511999991000'
assert.ok(isPhoneNumber(TO))

const COMMAND = {
  principal: { id: 'u', email: 'u@example.com', role: 'sender', onAmbiguous: 'hold' },
  instance: 'sales',
  to: TO,
  type: 'text',
  content: { text: 'olá' },
  onAmbiguous: undefined,
  idempotencyKey: undefined,
} as const

const INSTANCE: Instance = {
  id: 'i-1',
  name: 'sales',
  owner: 'u',
  ownerActive: true,
  channel: 'baileys',
  evolutionToken: 't',
  webhookSecretHash: 'h',
  paused: false,
  state: 'open',
  createdAt: new Date(0),
  updatedAt: new Date(0),
  revision: 1,
}

function setUp(o: {
  lookup?: () => Promise<undefined>
  outcome?: PublishOutcome
  nextOutcome?: () => PublishOutcome
  eventFeedDefault?: boolean
  isSuppressed?: () => boolean | undefined
}) {
  const published: MessageRecord[] = []
  const sendMessage = createSendMessage({
    instances: {
      usable: (name) => (name === 'sales' ? INSTANCE : 'unknown'),
    },
    ledger: { findOwned: o.lookup ?? (async () => undefined) },
    refuseNew: createRefuseNew({ isSuppressed: () => o.isSuppressed?.() ?? false }),
    publish: async (record) => {
      published.push(record)
      return o.nextOutcome?.() ?? o.outcome ?? 'published'
    },
    eventFeedDefault: o.eventFeedDefault ?? false,
  })
  return { sendMessage, published }
}

async function kindsOf(results: readonly Promise<{ kind: string }>[]): Promise<string[]> {
  return (await Promise.all(results)).map(({ kind }) => kind)
}
