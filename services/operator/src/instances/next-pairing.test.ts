import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NOW, viewFor } from './instance-for-test.ts'
import { type LastStatus, lastStatusOf } from './last-status.ts'
import { nextPairing } from './next-pairing.ts'
import type { InstanceView } from './plan-instance.ts'

const MINUTE_MS = 60_000

describe('codes for a phone', () => {
  test('are had for ten minutes once an instance is made or its login has ended', () => {
    assert.deepEqual(next({}), { state: 'under-way', endsAt: later(10), request: undefined })
    const qrNeededAt = NOW.toISOString()
    assert.equal(next({ qrNeededAt, state: 'connecting' }, connected('True', 'Open')).state, 'under-way')
  })

  test('are not had for one that is connected, reaches no phone, or cannot send anyway', () => {
    assert.equal(next({ state: 'open' }).state, 'none')
    assert.equal(next({ kind: 'sandbox' }).state, 'none')
    assert.equal(next({ configurationError: 'unauthorized' }).state, 'none')
  })

  test('are not had for a socket that breaks and comes back within 15 s', () => {
    assert.equal(next({}, connected('True', 'Open')).state, 'none')
    assert.equal(next({}, connected('False', 'Connecting', -14_000)).state, 'none')
    assert.equal(next({}, connected('False', 'Connecting', -15_000)).state, 'under-way')
    assert.equal(next({ state: 'connecting' }, connected('False', 'Connecting', -60_000)).state, 'none')
  })

  test('end when their time is up, and do not begin again by themselves', () => {
    const last = { ...connected('False', 'WaitingForScan'), pairing: pairing(later(0)) }
    assert.equal(next({}, last).state, 'over')
    assert.equal(next({}, connected('False', 'PairingTimedOut', -3_600_000)).state, 'over')
  })

  test('go on until the same time in the process after this one', () => {
    const last = { ...connected('False', 'WaitingForScan'), pairing: pairing(later(4)) }
    assert.deepEqual(next({}, last), { state: 'under-way', endsAt: later(4), request: undefined })
  })

  test('begin anew when somebody asks, once for each new value', () => {
    const over = connected('False', 'PairingTimedOut')
    assert.deepEqual(next({}, over, '1'), { state: 'under-way', endsAt: later(10), request: '1' })
    assert.equal(next({}, { ...over, pairingRequest: '1' }, '1').state, 'over')
    assert.equal(next({}, { ...over, pairingRequest: '1' }, '2').state, 'under-way')
    assert.deepEqual(next({ state: 'open' }, over, '3'), { state: 'none', request: '3' })
  })
})

function next(view: Partial<InstanceView>, last: Partial<LastStatus> = {}, request?: string) {
  return nextPairing(viewFor(view), { last: { conditions: [], ...last }, request, now: NOW })
}

function connected(status: string, reason: string, sinceMs = 0): LastStatus {
  const lastTransitionTime = new Date(NOW.getTime() + sinceMs).toISOString()
  return lastStatusOf({ conditions: [{ type: 'Connected', status, reason, message: '', lastTransitionTime }] })
}

function pairing(endsAt: Date) {
  return { secretName: 'support-pairing', expiresAt: endsAt.toISOString(), endsAt: endsAt.toISOString() }
}

function later(minutes: number): Date {
  return new Date(NOW.getTime() + minutes * MINUTE_MS)
}
