import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NOW, viewFor } from './instance-for-test.ts'
import { type Finding, nextStatus, progressOf } from './instance-status.ts'
import { lastStatusOf } from './last-status.ts'
import type { Pairing } from './next-pairing.ts'
import type { InstanceView } from './plan-instance.ts'

const NONE: Pairing = { state: 'none', request: undefined }
const CODE = { secretName: 'support-pairing', expiresAt: '2026-01-01T12:00:40Z', endsAt: '2026-01-01T12:10:00Z' }
const UNDER_WAY: Pairing = { state: 'under-way', endsAt: new Date(CODE.endsAt), code: CODE, request: undefined }
const OPEN = { state: 'open', connectedNumber: '+5511999990000' } as const
const AWAY: Finding = { progress: { state: 'reconciling', reason: 'ApiUnreachable', message: 'It does not answer.' } }

describe('the status of an instance', () => {
  test('is the same for the same finding, so that nothing is written', () => {
    const first = seen({}, OPEN)
    assert.deepEqual(nextStatus(lastStatusOf(first), found(OPEN), judged(60_000)), first)
  })

  test('tells its number while it is connected, and since when it is not', () => {
    const open = seen({}, OPEN)
    assert.deepEqual([open.phase, open.phoneNumber, open.lastSeen], ['Connected', '+5511999990000', undefined])
    const lost = seen(open, { ...OPEN, state: 'close' })
    assert.deepEqual([lost.phase, lost.phoneNumber, lost.lastSeen], ['Disconnected', undefined, '2026-01-01T12:00:00Z'])
    assert.equal(nextStatus(lastStatusOf(lost), found({}), judged(60_000)).lastSeen, '2026-01-01T12:00:00Z')
  })

  test('is ready when it is as declared; whether it has a phone is told apart', () => {
    const status = seen({}, {}, UNDER_WAY)
    assert.deepEqual(conditionsOf(status), {
      Ready: 'True AsDeclared',
      Reconciling: 'False Ready',
      Stalled: 'False Ready',
      Connected: 'False WaitingForScan',
      NumberAsDeclared: 'True NotDeclared',
      CredentialsValid: 'True NotRefused',
    })
    assert.deepEqual([status.phase, status.pairing], ['Pairing', CODE])
    assert.equal(seen({}, { paused: true }, UNDER_WAY).phase, 'Paused')
  })

  test('keeps what was known of the phone while the API is away, but no code that works no more', () => {
    const before = seen({}, {}, UNDER_WAY)
    const away = nextStatus(lastStatusOf(before), AWAY, judged(0))
    assert.deepEqual([away.phase, away.connectionState, away.pairing], ['Pairing', 'close', CODE])
    assert.equal(conditionsOf(away)['Ready'], 'False ApiUnreachable')
    assert.equal(conditionsOf(away)['Connected'], 'False WaitingForScan')
    assert.equal(nextStatus(lastStatusOf(before), AWAY, judged(40_000)).pairing, undefined)
    const open = nextStatus(lastStatusOf(seen({}, OPEN)), AWAY, judged(0))
    assert.deepEqual([open.phase, open.connectionState, open.phoneNumber], ['Connected', 'open', '+5511999990000'])
    assert.equal(nextStatus(lastStatusOf({}), AWAY, judged(0)).phase, 'Pending')
  })

  test('does not take what Evolution API could not be asked for as news', () => {
    const status = seen(seen({}, OPEN), { ...OPEN, state: 'close', stateStale: true })
    assert.deepEqual([status.connectionState, status.phase, status.lastSeen], ['open', 'Connected', undefined])
    assert.equal(conditionsOf(status)['Connected'], 'Unknown EvolutionUnreachable')
  })

  test('is stalled when Evolution API refuses the key, and says that it is the key', () => {
    const status = seen({}, { configurationError: 'unauthorized' })
    assert.deepEqual([status.phase, conditionsOf(status)['Stalled']], ['Failed', 'True KeyRefused'])
    assert.equal(conditionsOf(status)['CredentialsValid'], 'False KeyRefused')
    const missing = seen({}, { configurationError: 'instance-missing' })
    assert.equal(conditionsOf(missing)['Stalled'], 'True ConfigurationRefused')
    assert.equal(conditionsOf(missing)['CredentialsValid'], 'True NotRefused')
  })

  test('tells the number of the phone that is connected, whatever is declared, and that they differ', () => {
    const [declared, connected] = ['+5511999990000', '+351910000000']
    const other = seen({}, { ...OPEN, connectedNumber: connected }, NONE, declared)
    assert.equal(other.phoneNumber, connected)
    assert.deepEqual(
      [conditionsOf(other)['NumberAsDeclared'], conditionsOf(other)['Ready']],
      ['False OtherNumber', 'True Connected'],
    )
    const same = seen({}, { ...OPEN, connectedNumber: '+551199990000' }, NONE, declared)
    assert.deepEqual(
      [same.phoneNumber, conditionsOf(same)['NumberAsDeclared']],
      ['+551199990000', 'True SameNumber'],
      'without the ninth digit',
    )
    assert.equal(conditionsOf(seen(other, { state: 'close' }, NONE, declared))['NumberAsDeclared'], 'Unknown NotKnown')
    assert.equal(conditionsOf(seen(other, OPEN))['NumberAsDeclared'], 'True NotDeclared')
  })

  test('keeps the number of a phone while Evolution API tells nothing', () => {
    const before = seen({}, { state: 'open', connectedNumber: '+351910000000' })
    const stale = seen(before, { state: 'open', stateStale: true })
    assert.equal(stale.phoneNumber, '+351910000000')
  })

  test('says that it is being deleted', () => {
    const deleting = nextStatus(lastStatusOf(seen({}, OPEN)), { ...AWAY, isDeleting: true }, judged(0))
    assert.equal(deleting.phase, 'Deleting')
  })
})

function seen(last: object, view: Partial<InstanceView>, pairing = NONE, number?: string) {
  return nextStatus(lastStatusOf(last), found(view, pairing, number), judged(0))
}

function found(view: Partial<InstanceView>, pairing = NONE, number?: string): Finding {
  const whole = viewFor(view)
  return { progress: progressOf(whole), seen: { view: whole, pairing, number } }
}

function judged(laterMs: number) {
  return { generation: 3, now: new Date(NOW.getTime() + laterMs) }
}

function conditionsOf(status: object): Record<string, string> {
  const { conditions } = lastStatusOf(status)
  return Object.fromEntries(conditions.map(({ type, status: is, reason }) => [type, `${is} ${reason}`]))
}
