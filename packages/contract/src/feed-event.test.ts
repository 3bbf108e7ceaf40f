import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFeedEvent, encodeFeedEvent, subjectOf } from './feed-event.ts'
import type { InstanceEvent } from './instance-event.ts'
import { MESSAGE_EVENT_TYPES, type MessageEvent } from './message-event.ts'
import { MESSAGE_STATUSES } from './status.ts'

const EVENT: MessageEvent = {
  v: 1,
  id: '0199a0b0-0000-7000-8000-000000000001:2',
  n: 2,
  type: 'message.failed',
  at: '2026-01-01T00:00:00.000Z',
  user: 'ana',
  instance: 'sales',
  instanceId: 'instance-1',
  message: {
    id: '0199a0b0-0000-7000-8000-000000000001',
    to: '+5511999991000',
    type: 'text',
    reference: 'order 7',
    metadata: { shop: 'north' },
  },
  reason: { code: 'not-on-whatsapp', detail: 'The number is not on WhatsApp.' },
}

const DISCONNECTED: InstanceEvent = {
  v: 1,
  id: '0b9e4c7e-0000-4000-8000-000000000001:3',
  n: 3,
  type: 'instance.disconnected',
  at: '2026-01-01T00:00:00.000Z',
  user: 'ana',
  instance: 'sales',
  instanceId: '0b9e4c7e-0000-4000-8000-000000000001',
}

test('an event comes out of the topic as it went in, and its id begins with that of what it is about', () => {
  for (const event of [EVENT, DISCONNECTED]) {
    assert.deepEqual(decodeFeedEvent(encodeFeedEvent(event)), { kind: 'record', record: event })
    assert.equal(event.id, `${subjectOf(event)}:${event.n}`)
  }
})

test('what a later version adds to an event is passed over, and a later version itself is told', () => {
  const added = Buffer.from(JSON.stringify({ ...EVENT, colour: 'blue' }))
  assert.deepEqual(decodeFeedEvent(added), { kind: 'record', record: EVENT })
  const later = Buffer.from(JSON.stringify({ ...EVENT, v: 2 }))
  assert.deepEqual(decodeFeedEvent(later), { kind: 'newer', version: 2 })
})

test('every status that somebody can act on has its event', () => {
  const types: ReadonlySet<string> = new Set(MESSAGE_EVENT_TYPES)
  const untold = MESSAGE_STATUSES.filter((status) => !types.has(`message.${status}`))
  assert.deepEqual(untold, ['accepted', 'sending'])
})
