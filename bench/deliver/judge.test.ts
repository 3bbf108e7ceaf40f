import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sent } from '../system/gateway.ts'
import { judge } from './judge.ts'
import type { PlannedMessage } from './plan.ts'

const instance = {
  id: 'i',
  name: 'a',
  owner: 'o',
  ownerActive: true,
  channel: 'baileys',
  evolutionToken: '',
  webhookSecretHash: '',
  paused: false,
  state: 'open',
  createdAt: new Date(0),
  updatedAt: new Date(0),
  revision: 1,
} as const
const plan: readonly PlannedMessage[] = ['one', 'two', 'three'].map((text) => ({
  instance,
  to: '+5511980001000',
  text,
}))

function sent(...contents: readonly string[]): Sent[] {
  const where = { at: new Date(0).toISOString(), instance: 'a', number: '5511980001000' }
  return contents.map((content, at) => ({ sequence: at + 1, ...where, content }))
}

test('a backlog that left once and in order is without fault', () => {
  assert.deepEqual(judge(plan, sent('one', 'two', 'three')), { lost: 0, twice: 0, outOfOrder: 0, unasked: 0 })
})

test('a message that is missing, repeated, early or unknown is counted as that', () => {
  const findings = judge(plan, sent('two', 'one', 'two', 'four'))
  assert.deepEqual(findings, { lost: 1, twice: 1, outOfOrder: 1, unasked: 1 })
})

test('a message that left through another instance counts as lost and unasked', () => {
  const foreign = sent('one', 'two', 'three').map((each, at) => (at === 0 ? { ...each, instance: 'b' } : each))
  assert.deepEqual(judge(plan, foreign), { lost: 1, twice: 0, outOfOrder: 0, unasked: 1 })
})
