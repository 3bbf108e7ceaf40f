import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ARROWS, type MessageStatus, type Mover, OPEN_STATUSES } from '@whatsapp-sender/contract'
import fc from 'fast-check'
import type { IngestedMessage, MessageDocument, Receipt, Reschedule } from '../src/index.ts'
import { ingested, outcomeOf, rowOf, rowsOf, runOut } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const store = await openTestStore()
const { ledger } = store

test('whatever is asked of a row, in whatever order, its status only moves along the arrows of who asked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(anyStep(), { minLength: 5, maxLength: 25 }), async (scheduled, steps) => {
      const campaign = randomUUID()
      const message = ingested({ campaign, ...(scheduled ? { sendAt: SEND_AT.toISOString() } : { wake: true }) })
      const { id } = message.record
      await ledger.insert([message], new Date())
      const claims: string[] = []
      let before = await rowOf(store, id)
      for (const step of steps) {
        await take(step, message, claims)
        const after = await rowOf(store, id)
        assertMoved(before, after, MOVERS[step.kind])
        assertConsistent(before, after, step)
        before = after
      }
    }),
    { numRuns: 50 },
  )
})

const SEND_AT = new Date(Date.now() + 3_600_000)
const AFTERWARDS = new Date(SEND_AT.getTime() + 1)
const PROCESSES = ['a', 'b'] as const
// Weighted so that many rows come as far as their receipts.
const STATUSES = ['sent', 'sent', 'sent', 'sent', 'queued', 'queued', 'failed', 'dead-lettered', 'unknown'] as const
const RECEIPTS: readonly Receipt['status'][] = ['DELIVERY_ACK', 'DELIVERY_ACK', 'READ', 'PLAYED', 'ERROR']

const LATER = new Date(SEND_AT.getTime() + 3_600_000)
const CHANGES: readonly Reschedule[] = [
  { sendAt: SEND_AT },
  { sendAt: null },
  { sendAt: new Date(0) },
  { expiresAt: LATER },
  { expiresAt: null, priority: 'high' },
]

type Step = LedgerStep | UserStep

type LedgerStep =
  | { kind: 'insert'; otherBody: boolean }
  | { kind: 'claim'; by: string }
  | { kind: 'release'; claimsAgo: number }
  | { kind: 'outcome'; status: (typeof STATUSES)[number]; claimsAgo: number }
  | { kind: 'end'; status: 'failed' | 'expired' }
  | { kind: 'wake'; at: Date }
  | { kind: 'receipts'; statuses: Receipt['status'][] }

type UserStep =
  | { kind: 'cancel' | 'discard' | 'hold' | 'let-go' }
  | { kind: 'reschedule'; change: Reschedule }
  | { kind: 'replay'; expiresAt?: Date | null | undefined }

/** Whose arrows a step may move the row along; more than one when it is a batch. */
const MOVERS: Readonly<Record<Step['kind'], readonly Mover[]>> = {
  insert: [],
  claim: ['claim'],
  release: ['release'],
  outcome: ['outcome', 'evidence'],
  end: ['owner'],
  wake: ['owner'],
  receipts: ['receipt'],
  cancel: ['user'],
  hold: ['user'],
  'let-go': ['user'],
  reschedule: ['user'],
  replay: ['replay'],
  discard: [],
}

function anyStep(): fc.Arbitrary<Step> {
  const by = fc.constantFrom(...PROCESSES)
  const of = <K extends Step['kind']>(kind: K) => fc.constant(kind)
  return fc.oneof(
    { weight: 1, arbitrary: fc.record({ kind: of('insert'), otherBody: fc.boolean() }) },
    { weight: 5, arbitrary: fc.record({ kind: of('claim'), by }) },
    { weight: 2, arbitrary: fc.record({ kind: of('release'), claimsAgo: fc.constantFrom(0, 0, 1) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: of('outcome'),
        status: fc.constantFrom(...STATUSES),
        claimsAgo: fc.constantFrom(0, 0, 0, 1, 2),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: of('end'), status: fc.constantFrom('failed', 'expired') }) },
    { weight: 1, arbitrary: fc.record({ kind: of('wake'), at: fc.constantFrom(new Date(0), AFTERWARDS) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: of('receipts'),
        statuses: fc.array(fc.constantFrom(...RECEIPTS), { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: of('cancel') }) },
    { weight: 1, arbitrary: fc.record({ kind: of('discard') }) },
    { weight: 2, arbitrary: fc.record({ kind: of('hold') }) },
    { weight: 2, arbitrary: fc.record({ kind: of('let-go') }) },
    { weight: 2, arbitrary: fc.record({ kind: of('reschedule'), change: fc.constantFrom(...CHANGES) }) },
    { weight: 3, arbitrary: fc.record({ kind: of('replay'), expiresAt: fc.constantFrom(undefined, null, LATER) }) },
  )
}

/** `claims` are the tokens that won the row, newest last. */
async function take(step: Step, message: IngestedMessage, claims: string[]): Promise<unknown> {
  const { id, instance } = message.record
  if (isUserStep(step)) return await act(step, message)
  switch (step.kind) {
    case 'insert': {
      const bodyHash = (step.otherBody ? 'b' : 'a').repeat(64)
      return await ledger.insert([{ ...message, record: { ...message.record, bodyHash } }], new Date())
    }
    case 'claim':
      return await claim(step, id, claims)
    case 'release':
      return await ledger.release([{ id, claim: claims.at(-1 - step.claimsAgo) ?? 'none' }])
    case 'outcome':
      return await recordOutcome(step, id, claims)
    case 'end':
      return await end(step, id)
    case 'wake':
      return await ledger.wake([instance], step.at)
    case 'receipts':
      return await ledger.applyReceipts(step.statuses.map((status) => receiptOf(message, status)))
  }
}

async function act(step: UserStep, { record }: IngestedMessage): Promise<unknown> {
  const { id, user, campaign = '' } = record
  switch (step.kind) {
    case 'hold':
      return await ledger.holdCampaign({ campaign, user })
    case 'let-go':
      return await ledger.releaseCampaign({ campaign, user })
    case 'cancel':
      return await ledger.cancel({ id, by: 'ana' })
    case 'discard':
      return await ledger.discard({ id }, { by: 'ana' })
    case 'reschedule':
      return await ledger.reschedule({ id, by: 'ana' }, step.change)
    case 'replay':
      return await ledger.replay({ id }, { by: 'ana', expiresAt: step.expiresAt })
  }
}

function isUserStep(step: Step): step is UserStep {
  return ['cancel', 'discard', 'hold', 'let-go', 'reschedule', 'replay'].includes(step.kind)
}

async function end({ status }: Extract<Step, { kind: 'end' }>, id: string): Promise<void> {
  if (status === 'expired') await runOut(store, id)
  await ledger.endWaiting([id], status, { code: status, detail: '' })
  await rowsOf(store).updateOne({ _id: id }, { $unset: { expiresAt: 1 } })
}

async function claim({ by }: Extract<Step, { kind: 'claim' }>, id: string, claims: string[]): Promise<void> {
  const token = randomUUID()
  if ((await ledger.claim({ ids: [id], token, by })).has(id)) claims.push(token)
}

async function recordOutcome(
  { status, claimsAgo }: Extract<Step, { kind: 'outcome' }>,
  id: string,
  claims: readonly string[],
): Promise<void> {
  const newest = claimsAgo === 0 && claims.length > 0
  const outcome = outcomeOf({ id, claim: claims.at(-1 - claimsAgo) ?? 'none' }, status, { providerMessageId: id })
  const taken = await ledger.recordOutcomes([outcome])
  if (!newest) assert.equal(taken, 0, 'an outcome of an older claim was taken')
}

/** WhatsApp's id of the message is, for this test, our own. */
function receiptOf({ record }: IngestedMessage, status: Receipt['status']): Receipt {
  return { instanceId: record.instanceId, keyId: record.id, status, at: new Date() }
}

/** A batch may take several arrows of its mover at once. */
function assertMoved(before: MessageDocument, after: MessageDocument, by: readonly Mover[]): void {
  const reachable = new Set<MessageStatus>([before.status])
  for (const from of reachable)
    for (const arrow of ARROWS) if (arrow.from === from && by.includes(arrow.by)) reachable.add(arrow.to)
  assert.ok(reachable.has(after.status), `${before.status} → ${after.status} by ${by.join(', ')}`)
}

function assertConsistent(before: MessageDocument, after: MessageDocument, { kind }: Step): void {
  const open = OPEN_STATUSES.some((status) => status === after.status)
  assert.equal(after.open, open ? 1 : undefined, after.status)
  assert.equal(after.expireAt !== undefined, !open, `${after.status} and a time to be removed`)
  assert.ok(after.attempts.length >= before.attempts.length)
  assert.ok(after.attemptsCount >= before.attemptsCount || kind === 'replay')
  // An owner that holds its lane back for it is told of its end.
  if (!open && !WITHDRAWN.some((status) => status === after.status)) assert.equal(after.wakeAt, undefined, after.status)
  if (after.status === 'scheduled') assert.ok(after.held ?? after.wakeAt !== undefined)
  if (after.held) assert.equal(after.status, 'scheduled')
  if (after.sentAt !== undefined) assert.ok(['sent', 'delivered', 'read', 'failed'].includes(after.status))
  assert.equal(
    after.campaignStatus,
    after.status === 'sending' ? 'queued' : after.status,
    'what its campaign counts it as',
  )
  for (const field of ['content', 'to', 'user', 'bodyHash', 'offset'] as const)
    assert.deepEqual(after[field], before[field])
  assert.ok(kind === 'reschedule' || after.appendedAt.getTime() === before.appendedAt.getTime(), 'its place')
}

const WITHDRAWN = ['cancelled', 'expired', 'unknown'] as const
