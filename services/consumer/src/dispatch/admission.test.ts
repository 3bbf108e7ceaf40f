import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instance } from '@whatsapp-sender/store'
import { SALES } from '../../tests/support/instance.ts'
import { laneRow } from '../../tests/support/lane-row.ts'
import { admissionOf } from './admission.ts'

test('a message of the owner goes with the token of its instance', () => {
  assert.deepEqual(admission(SALES), { kind: 'go', apiKey: 'key' })
})

test('it waits while its gate is shut and while its instance is paused', () => {
  assert.deepEqual(admission(SALES, false), { kind: 'hold' })
  assert.deepEqual(admission({ ...SALES, paused: true }), { kind: 'hold' })
})

test('it waits while the token of its instance cannot be opened', () => {
  assert.deepEqual(admission({ ...SALES, evolutionToken: '' }), { kind: 'hold' })
})

test('it never leaves through an instance of somebody else, nor when its owner is shut out, open or not', () => {
  for (const created of [
    { ...SALES, owner: 'bea' },
    { ...SALES, ownerActive: false },
  ]) {
    for (const isOpen of [true, false]) assert.equal(endOf(created, isOpen), 'access-lost')
  }
})

test('a message of another user leaves while the owner lets him send, and never when he does not any more', () => {
  const shared = (access: 'view' | 'send' | 'manage', active = true) => {
    return { ...SALES, owner: 'bea', shares: [{ user: 'ana', access, active }] }
  }
  for (const access of ['send', 'manage'] as const)
    assert.deepEqual(admission(shared(access)), { kind: 'go', apiKey: 'key' })
  for (const created of [shared('view'), shared('send', false), { ...shared('send'), ownerActive: false }])
    for (const isOpen of [true, false]) assert.equal(endOf(created, isOpen), 'access-lost')
})

test('it never leaves with the token of an instance of another name, whoever owns that', () => {
  assert.equal(endOf({ ...SALES, name: 'support' }), 'access-lost')
})

test('it never leaves when its instance is deleted or was never known', () => {
  assert.equal(endOf({ ...SALES, deletedAt: new Date(1) }), 'instance-deleted')
  assert.equal(endOf(undefined, false), 'instance-deleted')
})

test('it never leaves to a recipient who wants nothing more, open or not', () => {
  for (const isOpen of [true, false]) {
    const answer = admissionOf(laneRow(), { created: SALES, isOpen, isSuppressed: true })
    assert.equal(answer.kind === 'end' && answer.reason.code, 'suppressed')
  }
})

function admission(created: Instance | undefined, isOpen = true) {
  return admissionOf(laneRow(), { created, isOpen, isSuppressed: false })
}

function endOf(created: Instance | undefined, isOpen = true): string | undefined {
  const answer = admission(created, isOpen)
  return answer.kind === 'end' ? answer.reason.code : undefined
}
