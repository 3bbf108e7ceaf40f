import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { isSameStatus, lastStatusOf, nextStatus } from './sender-status.ts'

const RESOURCE = {
  apiVersion: 'whatsappsender.io/v1alpha1',
  kind: 'WhatsAppSender',
  metadata: { name: 'wa', generation: 2 },
}
const READY = { state: 'ready' as const, reason: 'Ready', message: '' }
const CHILD: KubernetesObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'wa-api' } }

test('the same finding makes the same status later on, so nothing is written', () => {
  const finding = { progress: READY, children: [CHILD] }
  const first = nextStatus(lastStatusOf(RESOURCE), finding, { generation: 2, now: new Date(0) })
  const shown = JSON.parse(JSON.stringify({ ...RESOURCE, status: first }))
  const second = nextStatus(lastStatusOf(shown), finding, { generation: 2, now: new Date(90_000) })
  assert.ok(isSameStatus(second, shown.status))
})

test('what was made is still known when a later reconcile does not come to its end', () => {
  const first = nextStatus(lastStatusOf(RESOURCE), { progress: READY, children: [CHILD] }, judged())
  const stalled = { state: 'stalled' as const, reason: 'Rejected', message: 'no' }
  const other: KubernetesObject = { ...CHILD, metadata: { name: 'wa-consumer' } }
  const second = nextStatus(
    lastStatusOf({ ...RESOURCE, status: first }),
    { progress: stalled, children: [other] },
    judged(),
  )
  assert.deepEqual(
    second.inventory?.map(({ name }) => name),
    ['wa-api', 'wa-consumer'],
  )
})

test('a status that somebody has spoilt is made anew', () => {
  const spoilt = lastStatusOf({ ...RESOURCE, status: { conditions: 'none' } })
  assert.deepEqual(spoilt, { conditions: [], inventory: [] })
})

function judged() {
  return { generation: 2, now: new Date(0) }
}
