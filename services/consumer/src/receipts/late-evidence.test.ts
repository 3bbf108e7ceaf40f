import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { textHashOf } from '@whatsapp-sender/contract'
import type { LaneRow, Outcome } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { proveLate } from './late-evidence.ts'

type Event = Parameters<typeof proveLate>[1][number]

const MINUTE_MS = 60_000
const AT = 600 * MINUTE_MS
const GIVEN_UP = laneRow({ status: 'unknown', claim: 'token', claimedAt: AT - 90_000, attemptsCount: 1 })

let given: LaneRow[]
/** What waits for the same recipient. */
let lane: LaneRow[]
let stored: Event[]
let written: Outcome[]
let proven: string[]
let asked: [string, number][]
let isTaken: boolean

beforeEach(() => {
  given = [GIVEN_UP]
  lane = []
  stored = [event()]
  written = []
  proven = []
  asked = []
  isTaken = true
})

test('a message that was given up and is told of afterwards was sent', async () => {
  await prove()
  assert.deepEqual(asked, [['sales-1', AT - 30 * MINUTE_MS]])
  assert.deepEqual(written, [
    {
      id: GIVEN_UP.id,
      claim: 'token',
      status: 'sent',
      by: 'evidence',
      providerMessageId: 'KEY1',
      counted: false,
      attempt: { number: 1, startedAt: new Date(AT - 90_000), durationMs: 0, outcome: 'sent' },
    },
  ])
  assert.deepEqual(proven, [GIVEN_UP.id])
})

test('it has to be the text, the recipient and a time at which it was being sent', async () => {
  for (const change of [
    { content: { text: 'another' } },
    { to: '+5511888882000' },
    { claimedAt: AT + 60_000 },
  ] satisfies Partial<LaneRow>[]) {
    given = [{ ...GIVEN_UP, ...change }]
    await prove()
    assert.deepEqual(written, [])
  }
})

test('two messages it may be, or two events that may tell of it, prove nothing', async () => {
  given = [GIVEN_UP, { ...GIVEN_UP, id: 'message-2' }]
  await prove()
  given = [GIVEN_UP]
  stored = [event(), event({ id: 'e2', keyId: 'KEY2' })]
  await prove()
  assert.deepEqual(written, [])
})

test('an event that a message under way may be looking for is left to it', async () => {
  lane = [laneRow({ id: 'message-2', status: 'sending' })]
  await prove()
  assert.deepEqual(written, [])
  lane = [laneRow({ id: 'message-2', status: 'queued' })]
  await prove()
  assert.equal(written.length, 1)
})

test('what nobody could have been looking for any more is not looked for', async () => {
  stored = [event({ tries: 2 })]
  await prove()
  stored = [event({ textHash: undefined })]
  await prove()
  assert.deepEqual(asked, [])
})

test('a message that was replayed meanwhile is not told as proven', async () => {
  isTaken = false
  await prove()
  assert.deepEqual(proven, [])
})

function event(facts: Partial<Event> = {}): Event {
  return {
    id: 'e1',
    instanceId: 'sales-1',
    keyId: 'KEY1',
    status: 'sent',
    remoteJid: '5511999991000@s.whatsapp.net',
    textHash: textHashOf('hello'),
    at: new Date(AT),
    ageMs: 1000,
    tries: 0,
    ...facts,
  }
}

function prove(): Promise<void> {
  return proveLate(
    {
      ledger: {
        unknownMessages: async (instanceId, since) => {
          asked.push([instanceId, since.getTime()])
          return given
        },
        load: async () => lane,
        recordOutcomes: async (outcomes) => {
          written.push(...outcomes)
          return isTaken ? outcomes.length : 0
        },
      },
      pendingReceipts: {
        evidenceFor: async ({ textHash, from }) =>
          stored
            .filter((each) => each.textHash === textHash && each.at >= from)
            .map(({ id, keyId, remoteJid, at }) => ({ id, keyId, remoteJid, at })),
        markEvidenceUsed: async () => true,
      },
      learnedJid: async () => undefined,
      onProven: ({ id }) => proven.push(id),
    },
    stored,
  )
}
