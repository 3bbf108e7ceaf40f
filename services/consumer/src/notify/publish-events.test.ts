import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { decodeFeedEvent, type MessageEvent } from '@whatsapp-sender/contract'
import type { SequencedEvent } from '@whatsapp-sender/store'
import { createPublishEvents, PUBLISHER } from './publish-events.ts'

const MESSAGE_ID = '0199a0b0-0000-7000-8000-000000000001'

let stored: SequencedEvent[]
let position: number
let batches: string[][]
let active: boolean
let brokerFails: boolean
let retired: number
let missed: number
let publishing: ReturnType<typeof createPublishEvents>

beforeEach(() => {
  stored = []
  position = 0
  batches = []
  active = true
  brokerFails = false
  retired = 0
  missed = 0
  publishing = create()
})

test('what comes after the stored position is published in order, and the position is stored after it', async () => {
  append(3)
  position = 1
  await publishing.step()
  assert.deepEqual(batches, [['2', '3']])
  assert.equal(position, 3)
})

test('what the broker did not take stays to be published, and is shown as waiting', async () => {
  append(2)
  brokerFails = true
  await assert.rejects(publishing.step(), /broker/)
  assert.deepEqual([position, publishing.unpublished(), publishing.waiting()?.n], [0, 2, 1])
  brokerFails = false
  await publishing.step()
  assert.deepEqual([batches, position], [[['1', '2']], 2])
  assert.deepEqual([publishing.unpublished(), publishing.waiting()], [0, undefined])
  publishing.noteHead(5)
  assert.equal(publishing.unpublished(), 3)
})

test('whoever starts anew goes on from the stored position', async () => {
  append(2)
  await publishing.step()
  publishing = create()
  append(1)
  await publishing.step()
  assert.deepEqual(batches, [['1', '2'], ['3']])
})

test('a process that is not the one publishes nothing, and reads the position again when it is', async () => {
  append(1)
  await publishing.step()
  active = false
  append(1)
  await publishing.step()
  publishing.noteHead(2)
  assert.deepEqual([batches, retired, publishing.unpublished()], [[['1']], 1, 0])
  position = 2
  append(1)
  active = true
  await publishing.step()
  assert.deepEqual(batches, [['1'], ['3']])
})

test('a request never holds more than a topic takes, and the rest follows at once', async () => {
  append(20, 'x'.repeat(60_000))
  const pauses = [await publishing.step(), await publishing.step(), await publishing.step()]
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [8, 8, 4],
  )
  assert.deepEqual(pauses.slice(0, 2), [0, 0])
})

test('events that were removed before they were published are counted', async () => {
  append(5)
  await publishing.step()
  append(5)
  stored = stored.filter(({ seq }) => seq > 8)
  await publishing.step()
  assert.equal(missed, 3)
})

function create() {
  return createPublishEvents({
    events: {
      readAfter: async (seq, { limit }) => stored.filter((each) => each.seq > seq).slice(0, limit),
      head: async () => stored.at(-1)?.seq ?? 0,
      position: async (reader) => (reader === PUBLISHER ? position : Number.NaN),
      advance: async (_reader, seq) => {
        position = Math.max(position, seq)
      },
    },
    producer: {
      send: async (records) => {
        if (brokerFails) throw new Error('the broker is away')
        batches.push(records.map(({ value }) => nOf(value)))
      },
      retire: async () => {
        retired += 1
      },
    },
    isActive: () => active,
    onPublished: () => {},
    onMissed: (count) => {
      missed += count
    },
  })
}

function append(count: number, reference?: string): void {
  for (let at = 0; at < count; at++) stored.push(eventAt((stored.at(-1)?.seq ?? 0) + 1, reference))
}

function eventAt(seq: number, reference?: string): SequencedEvent {
  const event: MessageEvent = {
    v: 1,
    id: `${MESSAGE_ID}:${seq}`,
    n: seq,
    type: 'message.sent',
    at: '2026-01-01T00:00:00.000Z',
    user: 'ana',
    instance: 'sales',
    instanceId: 'instance-1',
    message: { id: MESSAGE_ID, to: '+5511999991000', type: 'text', ...(reference !== undefined && { reference }) },
  }
  return { seq, event }
}

function nOf(value: Buffer): string {
  const decoded = decodeFeedEvent(value)
  assert.equal(decoded.kind, 'record')
  return decoded.kind === 'record' ? String(decoded.record.n) : ''
}
