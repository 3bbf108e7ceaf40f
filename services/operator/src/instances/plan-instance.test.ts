import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { evolutionKeyDigest } from '@whatsapp-sender/contract'
import { resourceFor, viewFor } from './instance-for-test.ts'
import { type InstanceView, planInstance } from './plan-instance.ts'

const PACE = { perMinute: 9, burst: 1 }

describe('the plan of an instance', () => {
  test('is to make it where there is none, and nothing where it is as declared', () => {
    assert.deepEqual(plan({}, undefined), { steps: [{ do: 'create' }] })
    assert.deepEqual(plan({}, viewFor()), { steps: [] })
  })

  test('changes what differs, and names nothing else', () => {
    assert.deepEqual(plan({ paused: true }, viewFor()), { steps: [{ do: 'change', change: { paused: true } }] })
    assert.deepEqual(plan({ pace: PACE, checkNumber: 'first' }, viewFor()), {
      steps: [{ do: 'change', change: { pace: PACE, checkNumber: 'first' } }],
    })
    assert.deepEqual(plan({ pace: PACE }, own({ pace: PACE })), { steps: [] })
  })

  test('changes the number for the next pairing code, also away, and takes one that is written otherwise for the same', () => {
    const [one, other] = ['+5511999990000', '+5511999990001']
    assert.deepEqual(plan({ number: one }, viewFor({ number: one })), { steps: [] })
    assert.deepEqual(plan({ number: '+55011999990000' }, viewFor({ number: one })), { steps: [] })
    assert.deepEqual(plan({ number: other }, viewFor({ number: one })), change({ number: other }))
    assert.deepEqual(plan({}, viewFor({ number: one })), change({ number: null }))
  })

  test('goes back to the default of the installation where the resource says nothing', () => {
    assert.deepEqual(plan({}, own({ pace: PACE })), { steps: [{ do: 'change', change: { pace: null } }] })
  })

  test('gives it to the owner that the resource names, and leaves it with whom it has when it names none', () => {
    const view = viewFor({ ownerEmail: 'ana@example.com' })
    assert.deepEqual(plan({ ownerEmail: 'Ana@Example.com' }, view), { steps: [] })
    assert.deepEqual(plan({ ownerEmail: 'bob@example.com' }, view), {
      steps: [{ do: 'give', ownerEmail: 'bob@example.com' }],
    })
    assert.deepEqual(plan({}, view), { steps: [] })
  })

  test('hands over a key that the API does not have, and no other', () => {
    const view = own({ evolutionKeyDigest: evolutionKeyDigest('support', 'old') })
    assert.deepEqual(plan({}, view, 'new'), { steps: [{ do: 'change', change: { evolutionKey: 'new' } }] })
    assert.deepEqual(plan({}, view, 'old'), { steps: [] })
    assert.deepEqual(plan({}, view), { steps: [] })
  })

  test("takes over what somebody else keeps only if it is told to adopt or has kept it before, and what is nobody's", () => {
    const theirs = { ...viewFor({ owner: 'ana' }) }
    delete theirs.managedBy
    assert.equal(refusal({}, theirs), 'NameTaken')
    assert.deepEqual(plan({ adopt: true, paused: true }, theirs), { steps: [{ do: 'take-over' }] })
    assert.deepEqual(plan({}, theirs, undefined, true), { steps: [{ do: 'take-over' }] })
    assert.deepEqual(plan({}, { ...theirs, owner: 'kubernetes' }), { steps: [{ do: 'take-over' }] })
  })

  test('is refused for what cannot become what is declared', () => {
    assert.equal(refusal({ kind: 'sandbox' }, viewFor()), 'OtherKind')
    assert.equal(refusal({ evolutionServer: 'second' }, viewFor()), 'OtherServer')
    assert.deepEqual(plan({ evolutionServer: 'default' }, viewFor()), { steps: [] })
  })
})

function change(to: object) {
  return { steps: [{ do: 'change', change: to }] }
}

function plan(spec: object, observed: InstanceView | undefined, key?: string, wasKept = false) {
  return planInstance(resourceFor(spec), observed, { key, wasKept })
}

function refusal(spec: object, observed: InstanceView): string | undefined {
  const planned = plan(spec, observed)
  return 'refusal' in planned ? planned.refusal.reason : undefined
}

function own(settings: Partial<NonNullable<InstanceView['ownSettings']>>): InstanceView {
  return viewFor({ ownSettings: { pace: null, retry: null, evolutionKeyDigest: 'none', ...settings } })
}
