import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Instance, MessageRow } from '@whatsapp-sender/store'
import { messageView } from './message-view.ts'

const AT = new Date(1_000_000)

describe('a message as its owner sees it', () => {
  test('tells what a queued message waits for', () => {
    assert.equal(waitingFor({ status: 'scheduled' }, {}), 'schedule')
    assert.equal(waitingFor({}, { paused: true }), 'paused')
    assert.equal(waitingFor({}, { state: 'close' }), 'instance')
    assert.equal(waitingFor({}, { configurationError: 'wrong key' }), 'instance')
    assert.equal(waitingFor({}, {}, true), 'instance')
    assert.equal(waitingFor({ nextAttemptAt: new Date(AT.getTime() + 1) }, {}), 'retry')
    assert.equal(waitingFor({ nextAttemptAt: AT }, {}), 'pace')
    assert.equal(waitingFor({ status: 'sent' }, {}), undefined)
  })

  test('shows that its Idempotency-Key was used for other bodies', () => {
    const conflicts = [{ bodyHash: 'other', at: AT }]
    const surroundings = { instance: INSTANCE, isEvolutionDown: false }
    assert.deepEqual(messageView({ ...ROW, conflicts }, surroundings).conflicts, [{ at: AT }])
  })

  test('shows neither the user, the hash of the body nor anything of the ledger', () => {
    const shown = messageView(ROW, { instance: INSTANCE, isEvolutionDown: false }, AT.getTime())
    const expected = 'acceptedAt attempts id instance onAmbiguous status text to type waitingFor'
    assert.deepEqual(Object.keys(shown).sort().join(' '), expected)
  })
})

function waitingFor(row: Partial<MessageRow>, instance: Partial<Instance>, isEvolutionDown = false) {
  const surroundings = { instance: { ...INSTANCE, ...instance }, isEvolutionDown }
  return messageView({ ...ROW, ...row }, surroundings, AT.getTime()).waitingFor
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
  evolutionToken: 't',
  webhookSecretHash: 'h',
  paused: false,
  state: 'open',
  createdAt: AT,
  updatedAt: AT,
  revision: 1,
}
