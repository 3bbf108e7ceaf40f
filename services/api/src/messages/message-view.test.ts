import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PaceFacts } from '@whatsapp-sender/contract'
import type { Instance, MessageRow } from '@whatsapp-sender/store'
import { messageView } from './message-view.ts'
import type { Surroundings } from './message-waiting.ts'

/** A Sunday at noon, UTC. */
const NOON = Date.UTC(2026, 10, 22, 12)
const AT = new Date(NOON)
const LATER = new Date(NOON + 1)
const MIDNIGHT = new Date(Date.UTC(2026, 10, 23))

describe('what a message waits for', () => {
  test('is what holds its instance, before all else', () => {
    assert.deepEqual(waiting({ nextAttemptAt: LATER }, { instance: { ...INSTANCE, paused: true } }), ['paused'])
    assert.deepEqual(waiting({}, { instance: { ...INSTANCE, state: 'close' } }), ['instance'])
    assert.deepEqual(waiting({}, { instance: { ...INSTANCE, configurationError: 'unauthorized' } }), ['instance'])
    assert.deepEqual(waiting({}, { conditions: { evolutionDown: new Set(['default']), paceFacts: new Map() } }), [
      'instance',
    ])
    assert.deepEqual(waiting({}, { instance: undefined }), ['instance'])
  })

  test('is a part of the pace, with the time when that ends', () => {
    const quiet = { quietHours: { from: '08:00', to: '13:00' } }
    assert.deepEqual(waiting({}, paced(quiet)), ['quiet-hours', new Date(NOON + 3_600_000)])
    assert.deepEqual(waiting({}, paced({ perDay: 5 }, { reserved: 5 })), ['daily-cap', MIDNIGHT])
    assert.deepEqual(waiting({}, paced({ perDay: 5 }, { reserved: 4 })), ['pace'])
    assert.deepEqual(
      waiting({}, paced({}, { notBefore: NOON + 1 })),
      ['pace', LATER],
      'silence that WhatsApp asked for',
    )
    assert.deepEqual(waiting({}, {}), ['pace'])
  })

  test('is its next attempt, unless the last try said something of the server or the instance', () => {
    assert.deepEqual(waiting({ nextAttemptAt: LATER }, {}), ['retry', LATER])
    const attempts = [{ number: 1, startedAt: AT, durationMs: 1, outcome: 'released' }] as const
    assert.deepEqual(waiting({ nextAttemptAt: LATER, attempts }, {}), ['instance', LATER])
    assert.deepEqual(waiting({ nextAttemptAt: AT }, {}), ['pace'])
  })

  test('is another message to the same recipient, or the gap that the pace asks for between them', () => {
    assert.deepEqual(waiting({}, { isAheadTaken: true }), ['recipient'])
    const contact = { firstSentAt: 1, lastSentAt: NOON - 1000, remoteJid: undefined }
    const gap = paced({ recipientGapMs: 60_000 })
    assert.deepEqual(waiting({}, { ...gap, contact }), ['recipient', new Date(NOON + 59_000)])
    assert.deepEqual(waiting({}, { ...gap, contact: { ...contact, lastSentAt: NOON - 60_000 } }), ['pace'])
  })

  test('is the budget of new recipients, for a new one only', () => {
    const spent = paced({ newContactsPerDay: 2 }, { newReserved: 2 })
    assert.deepEqual(waiting({}, spent), ['daily-cap', MIDNIGHT])
    const contact = { firstSentAt: 1, lastSentAt: 1, remoteJid: undefined }
    assert.deepEqual(waiting({}, { ...spent, contact }), ['pace'])
  })

  test('is its time, while it is scheduled, and nothing once it is on its way or has ended', () => {
    assert.deepEqual(waiting({ status: 'scheduled', sendAt: LATER }, {}), ['schedule', LATER])
    for (const status of ['sending', 'sent', 'failed', 'unknown'] as const)
      assert.deepEqual(waiting({ status }, {}), [])
  })
})

describe('a message as its owner sees it', () => {
  test('tells when it is tried again only while that is still to come', () => {
    const shown = (row: Partial<MessageRow>) => messageView({ ...ROW, ...row }, surroundings({}), NOON).nextAttemptAt
    assert.equal(shown({ nextAttemptAt: LATER }), LATER)
    assert.equal(shown({ nextAttemptAt: AT }), undefined)
    assert.equal(shown({ nextAttemptAt: LATER, status: 'sending' }), undefined)
    assert.equal(shown({ nextAttemptAt: LATER, status: 'cancelled' }), undefined)
  })

  test('shows its whole life: attempts, receipts, what was done to it, and the caller’s own facts', () => {
    const attempts = [{ number: 1, startedAt: AT, durationMs: 3, outcome: 'sent' }] as const
    const times = { sendAt: AT, expiresAt: LATER, sentAt: AT, deliveredAt: AT, readAt: AT, playedAt: AT }
    const actions = [{ at: AT, by: 'u', action: 'replay' }] as const
    const facts = { reference: 'order 7', metadata: { shop: 'north' }, stuck: true } as const
    const row: MessageRow = { ...ROW, status: 'read', attempts, actions, providerMessageId: 'A1', ...facts, ...times }
    const shown = messageView(row, surroundings({}), NOON)
    assert.deepEqual(shown, {
      ...shown,
      attempts,
      actions,
      providerMessageId: 'A1',
      priority: 'normal',
      ...facts,
      ...times,
    })
  })

  test('shows the id of its trace, if it has one', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { traceId } = messageView({ ...ROW, traceparent }, surroundings({}))
    assert.equal(traceId, '0af7651916cd43dd8448eb211c80319c')
  })

  test('shows that its Idempotency-Key was used for other bodies', () => {
    const conflicts = [{ bodyHash: 'other', at: AT }]
    assert.deepEqual(messageView({ ...ROW, conflicts }, surroundings({})).conflicts, [{ at: AT }])
  })

  test('shows neither the user, the hash of the body nor anything of the ledger', () => {
    const shown = messageView(ROW, surroundings({}), NOON)
    const expected = 'acceptedAt attempts id instance onAmbiguous priority status text to type waitingFor'
    assert.deepEqual(Object.keys(shown).sort().join(' '), expected)
  })
})

function waiting(row: Partial<MessageRow>, around: Partial<Surroundings>): unknown[] {
  const { waitingFor, expectedAt } = messageView({ ...ROW, ...row }, surroundings(around), NOON)
  return [waitingFor, expectedAt].filter((each) => each !== undefined)
}

function surroundings(around: Partial<Surroundings>): Surroundings {
  return {
    instance: INSTANCE,
    conditions: { evolutionDown: new Set<string>(), paceFacts: new Map() },
    defaultPace: { perMinute: 60, burst: 5 },
    isAheadTaken: false,
    contact: undefined,
    ...around,
  }
}

function paced(pace: NonNullable<Partial<Instance['pace']>>, facts: Partial<PaceFacts> = {}): Partial<Surroundings> {
  const account = { day: '2026-11-22', reserved: 0, newReserved: 0, ...facts }
  return {
    instance: { ...INSTANCE, pace: { perMinute: 60, burst: 5, ...pace } },
    conditions: { evolutionDown: new Set<string>(), paceFacts: new Map([['i', account]]) },
  }
}

const ROW: MessageRow = {
  id: 'm',
  user: 'u',
  instance: 'sales',
  instanceId: 'i',
  to: '+5511999991000',
  type: 'text',
  content: { text: 'olá' },
  bodyHash: 'h',
  priority: 'normal',
  onAmbiguous: 'resend',
  status: 'queued',
  appendedAt: 1,
  offset: 1n,
  acceptedAt: AT,
  attemptsCount: 0,
  attempts: [],
}

const INSTANCE: Instance = {
  id: 'i',
  name: 'sales',
  owner: 'u',
  ownerActive: true,
  channel: 'baileys',
  evolutionToken: 't',
  webhookSecretHash: 'h',
  paused: false,
  state: 'open',
  createdAt: AT,
  updatedAt: AT,
  revision: 1,
}
