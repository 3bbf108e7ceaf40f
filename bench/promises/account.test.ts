import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sent } from '../system/gateway.ts'
import { type Accepted, accountOf } from './account.ts'

function accepted(text: string, more: Partial<Accepted> = {}): Accepted {
  return { atMs: 0, instance: 'a', to: '+5511980001000', text, isReachable: true, end: 'left', ...more }
}

function journal(...entries: readonly (readonly [content: string, ms: number])[]): Sent[] {
  return entries.map(([content, ms], at) => ({
    sequence: at + 1,
    at: new Date(ms).toISOString(),
    instance: 'a',
    number: '5511980001000',
    content,
  }))
}

test('messages that left once, in order and as they are told are without fault', () => {
  const account = accountOf([accepted('one'), accepted('two')], journal(['one', 0], ['two', 1000]))
  assert.deepEqual(account, { accepted: 2, lost: 0, twice: 0, outOfOrder: 0, burstMax: 1, accountedFor: 2 })
})

test('a missing, a repeated and an early message are each counted once', () => {
  const messages = [accepted('one'), accepted('two'), accepted('three', { end: 'nobody-knows' })]
  const account = accountOf(messages, journal(['two', 0], ['one', 10], ['two', 20]))
  assert.deepEqual(account, { accepted: 3, lost: 1, twice: 1, outOfOrder: 1, burstMax: 3, accountedFor: 2 })
})

test('what nobody could have sent is not lost, and is accounted for when the sender says that it did not leave', () => {
  const account = accountOf([accepted('hangs', { isReachable: false, end: 'did-not-leave' })], [])
  assert.deepEqual([account.lost, account.accountedFor], [0, 1])
})

test('a message told to have left that never did is not accounted for', () => {
  assert.equal(accountOf([accepted('one')], []).accountedFor, 0)
})

test('the largest burst is looked for in every second, not in every second of the clock', () => {
  const account = accountOf([], journal(['a', 900], ['b', 950], ['c', 1100], ['d', 1899], ['e', 1900]))
  assert.equal(account.burstMax, 4)
})
