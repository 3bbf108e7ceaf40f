import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type SendFailure, textHashOf } from '@whatsapp-sender/contract'
import type { LaneRow, Outcome, PendingReceipts } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { createSettleAmbiguous } from './settle-ambiguous.ts'

const TIMEOUT: SendFailure = { kind: 'ambiguous', code: 'timeout', detail: 'no answer' }
const STARTED = 1_000_000
const SETTLE_MS = 90_000
type Evidence = Awaited<ReturnType<PendingReceipts['evidenceFor']>>[number]

let now: number
let isReadPast: boolean
let evidence: Evidence[]
let windows: Parameters<PendingReceipts['evidenceFor']>[0][]
let used: string[]
/** By instance and number. */
let learned: Map<string, string>
let outcome: Outcome | undefined
let errors: unknown[]
let pauses: { until: number; end: PromiseWithResolvers<void> }[]

beforeEach(() => {
  now = STARTED
  isReadPast = true
  evidence = []
  windows = []
  used = []
  learned = new Map()
  errors = []
  outcome = undefined
  pauses = []
})

test('nothing is decided before Evolution can no longer act on the request', async () => {
  void settle()
  await pass(SETTLE_MS - 1)
  assert.deepEqual([windows, outcome], [[], undefined])
  await pass(1)
  assert.ok(outcome)
})

test('an attempt that is old by now waits no longer', async () => {
  now = STARTED + SETTLE_MS + 1000
  void settle()
  await pass(1)
  assert.ok(outcome)
})

test('nothing is decided before the events of that time have been read', async () => {
  isReadPast = false
  void settle()
  await pass(SETTLE_MS + 60_000)
  assert.deepEqual([windows, outcome], [[], undefined])
  isReadPast = true
  await pass(250)
  assert.ok(outcome)
})

test('a database that is away is waited out', async () => {
  void settle({}, () => Promise.reject(new Error('away')))
  await pass(SETTLE_MS + 1000)
  assert.equal(outcome, undefined)
  assert.ok(errors.length >= 4)
})

test('one event of that instance, text and time is the message: it was sent', async () => {
  evidence = [seen('5511999991000@s.whatsapp.net', 'KEY1')]
  void settle()
  await pass(SETTLE_MS)
  assert.ok(outcome?.status === 'sent')
  assert.deepEqual([outcome.providerMessageId, outcome.by, used], ['KEY1', 'evidence', ['KEY1 for message-1']])
  assert.deepEqual(windows, [
    {
      instanceId: 'sales-1',
      textHash: textHashOf('hello'),
      from: new Date(STARTED - 5000),
      messageId: 'message-1',
    },
  ])
})

for (const [to, jid] of [
  ['+5511999991000', '551199991000@s.whatsapp.net'],
  ['+551199991000', '5511999991000@s.whatsapp.net'],
  ['+5511999991000', '5511999991000:12@s.whatsapp.net'],
] as const) {
  test(`${jid} is ${to} as WhatsApp may write it`, async () => {
    evidence = [seen(jid, 'KEY1')]
    void settle({ to })
    await pass(SETTLE_MS)
    assert.equal(outcome?.status, 'sent')
  })
}

test('an event for somebody else is not the message', async () => {
  evidence = [seen('5511888882000@s.whatsapp.net', 'KEY1')]
  void settle()
  await pass(SETTLE_MS)
  assert.deepEqual([outcome?.status, used], ['queued', []])
})

test('an event for the address that WhatsApp was seen to use for the recipient is the message', async () => {
  evidence = [seen('123456789@lid', 'KEY1')]
  void settle()
  await pass(SETTLE_MS)
  assert.equal(outcome?.status, 'queued')
  learned.set('sales-1/+5511999991000', '123456789@lid')
  now = STARTED
  void settle()
  await pass(SETTLE_MS)
  assert.equal(outcome?.status, 'sent')
})

test('an address that is no telephone number proves nothing by its digits', async () => {
  for (const server of ['lid', 'g.us', 'broadcast']) {
    evidence = [seen(`5511999991000@${server}`, 'KEY1')]
    now = STARTED
    void settle()
    await pass(SETTLE_MS)
    assert.deepEqual([outcome?.status, used], ['queued', []], server)
  }
})

test('U+0000 in a text, which the client leaves out, does not hide its event', async () => {
  void settle({ content: { text: 'hel\u0000lo' } })
  await pass(SETTLE_MS)
  assert.equal(windows[0]?.textHash, textHashOf('hello'))
})

test('two events prove nothing, for either may be another message', async () => {
  evidence = [seen('5511999991000@s.whatsapp.net', 'KEY1'), seen('5511999991000@s.whatsapp.net', 'KEY2')]
  void settle()
  await pass(SETTLE_MS)
  assert.deepEqual([outcome?.status, used], ['queued', []])
})

test('without evidence, hold leaves the message unknown and resend tries it again at once, counted', async () => {
  void settle({ onAmbiguous: 'hold' })
  await pass(SETTLE_MS)
  assert.deepEqual([outcome?.status, outcome?.counted], ['unknown', true])
  now = STARTED
  void settle({ onAmbiguous: 'resend' })
  await pass(SETTLE_MS)
  assert.ok(outcome?.status === 'queued')
  assert.deepEqual([outcome.nextAttemptAt, outcome.counted], [new Date(now), true])
})

test('a resend that has no attempt left leaves the message unknown, for it may have arrived', async () => {
  void settle({ attemptsCount: 9 })
  await pass(SETTLE_MS)
  assert.equal(outcome?.status, 'unknown')
})

test('the stop ends the wait and decides nothing', async () => {
  const settled = settle()
  pauses[0]?.end.reject(new Error('stopping'))
  await assert.rejects(settled, /stopping/)
  assert.equal(outcome, undefined)
})

function seen(remoteJid: string, keyId: string): Evidence {
  return { id: keyId, keyId, remoteJid, at: new Date(STARTED) }
}

function settle(facts: Partial<LaneRow> = {}, read = async () => isReadPast): Promise<void> {
  const settleAmbiguous = createSettleAmbiguous({
    clock: { storeNow: () => now, monotonic: () => now, wall: () => now, adjust: () => {} },
    policyOf: () => ({ attemptsMax: 10, baseMs: 500, capMs: 300_000 }),
    settleMs: SETTLE_MS,
    readPast: read,
    pendingReceipts: {
      evidenceFor: async (window) => {
        windows.push(window)
        return evidence
      },
      markEvidenceUsed: async (id, messageId) => {
        used.push(`${id} for ${messageId}`)
        return true
      },
    },
    learnedJid: async (instanceId, number) => learned.get(`${instanceId}/${number}`),
    pause: (ms) => {
      const end = Promise.withResolvers<void>()
      pauses.push({ until: now + ms, end })
      return end.promise
    },
    onAmbiguous: () => {},
    onError: (error) => errors.push(error),
  })
  const row = laneRow(facts)
  const settled = settleAmbiguous({ row, claim: 'token', startedAt: new Date(STARTED), durationMs: 5 }, TIMEOUT)
  const noted = settled.then((result) => {
    outcome = result
  })
  noted.catch(() => {})
  return noted
}

async function pass(ms: number): Promise<void> {
  const end = now + ms
  await turn()
  for (;;) {
    const [next] = pauses.toSorted((a, b) => a.until - b.until)
    if (next === undefined || next.until > end) break
    pauses.splice(pauses.indexOf(next), 1)
    now = Math.max(now, next.until)
    next.end.resolve()
    await turn()
  }
  now = end
}
