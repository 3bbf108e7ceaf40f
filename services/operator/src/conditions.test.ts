import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Condition, setConditions, verdictsOf } from './conditions.ts'

const STATES = ['ready', 'reconciling', 'stalled'] as const

test('the time of a condition moves with its status and with nothing else', () => {
  const anyVerdict = fc.record({
    status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
    reason: fc.constantFrom('A', 'B'),
  })
  fc.assert(
    fc.property(fc.array(anyVerdict, { minLength: 1 }), (verdicts) => {
      let conditions: Condition[] = []
      let changedAt = ''
      let status = ''
      for (const [i, verdict] of verdicts.entries()) {
        const now = new Date(Date.UTC(2026, 0, 1, 0, 0, i))
        if (verdict.status !== status) changedAt = now.toISOString().replace('.000', '')
        status = verdict.status
        conditions = setConditions(conditions, [{ type: 'KafkaReady', message: '', ...verdict }], {
          generation: i,
          now,
        })
        assert.deepEqual(conditions, [
          { type: 'KafkaReady', message: '', ...verdict, lastTransitionTime: changedAt, observedGeneration: i },
        ])
      }
    }),
  )
})

test('conditions that nothing is said of stay as they are, in their place', () => {
  const judged = { generation: 1, now: new Date(0) }
  const first = setConditions([], [verdict('A'), verdict('B')], judged)
  const second = setConditions(first, [verdict('A'), verdict('C')], { generation: 2, now: new Date(5000) })
  assert.deepEqual(
    second.map(({ type, observedGeneration }) => [type, observedGeneration]),
    [
      ['A', 2],
      ['B', 1],
      ['C', 2],
    ],
  )
  assert.equal(second[1], first[1])
})

test('the same verdict again makes the same conditions, so nothing is written', () => {
  for (const state of STATES) {
    const progress = { state, reason: 'Because', message: 'so' }
    const first = setConditions([], verdictsOf(progress), { generation: 3, now: new Date(0) })
    assert.deepEqual(setConditions(first, verdictsOf(progress), { generation: 3, now: new Date(9000) }), first)
  }
})

test('exactly one of ready, reconciling and stalled is true, and it says why', () => {
  for (const state of STATES) {
    const verdicts = verdictsOf({ state, reason: 'Because', message: 'so' })
    const isTrue = verdicts.filter(({ status }) => status === 'True')
    assert.deepEqual(
      isTrue.map(({ type, reason, message }) => [type.toLowerCase(), reason, message]),
      [[state, 'Because', 'so']],
    )
    assert.ok(verdicts.every(({ reason }) => reason !== ''))
    assert.equal(verdicts.length, 3)
  }
})

function verdict(type: string) {
  return { type, status: 'True' as const, reason: 'Fine', message: '' }
}
