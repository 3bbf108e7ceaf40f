import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { HEADER } from '@whatsapp-sender/contract'
import type { SpanEnd, Tracing } from '@whatsapp-sender/service-runtime'
import { recordOf } from '../tests/ledger-messages.ts'
import type { GroupCommitProducer, KeyedRecord, PublishOutcome } from './kafka/group-commit-producer.ts'
import { createMessagePublisher, createMessagesPublisher } from './kafka/message-publisher.ts'
import { createMessageTraces } from './message-traces.ts'

const REQUEST = { method: 'POST', route: '/v1/messages', caller: 'of the caller' }

test('a message that comes alone is accepted within the span of its request, which joins the trace of its caller', async () => {
  const { tracing, begun } = watched()
  const traces = createMessageTraces(tracing, { topic: 'messages', now: () => 1000 })
  const { producer, records } = broker('published')
  const request = traces.request(REQUEST)
  await request.during(async () => {
    // As a route does, which asks the database first.
    await nextTurn()
    await createMessagePublisher(producer, traces)(recordOf('ana'), Buffer.from('{}'))
  })
  request.answered(202)
  const [server, accept] = begun
  assert.deepEqual(
    [server?.start.name, server?.start.kind, server?.start.caller],
    ['POST /v1/messages', 'server', 'of the caller'],
  )
  assert.deepEqual([accept?.start.name, accept?.start.parent], ['accept message', server?.traceparent])
  assert.deepEqual(server?.ends, [
    { endedAt: 1000, attributes: { 'http.response.status_code': 202 }, error: undefined },
  ])
  assert.equal(accept?.ends.length, 1)
  assert.equal(records[0]?.headers[HEADER.traceparent], accept?.traceparent)
})

test('requests that are under way at once do not get into each other', async () => {
  const { tracing, begun } = watched()
  const traces = createMessageTraces(tracing, { topic: 'messages' })
  const { producer } = broker('published')
  const publish = createMessagePublisher(producer, traces)
  await Promise.all(
    ['a', 'b', 'c'].map((caller) =>
      traces.request({ ...REQUEST, caller }).during(async () => {
        await nextTurn()
        await publish(recordOf('ana', { reference: caller }), Buffer.from('{}'))
      }),
    ),
  )
  const callers = new Map(begun.map(({ start, traceparent }) => [traceparent, start.caller]))
  const parents = begun.flatMap(({ start }) => (start.parent === undefined ? [] : [callers.get(start.parent)]))
  assert.deepEqual(new Set(parents), new Set(['a', 'b', 'c']))
})

test('of many that come together each begins a trace of its own, linked to their request; those of a campaign have none', async () => {
  const { tracing, begun } = watched()
  const traces = createMessageTraces(tracing, { topic: 'messages' })
  const { producer, records } = broker('published')
  const publishAll = createMessagesPublisher(producer, traces)
  const messages = [recordOf('ana'), recordOf('ana')].map((each) => ({ record: each, encoded: Buffer.from('{}') }))
  await traces.request(REQUEST).during(() => publishAll(messages))
  await publishAll(messages.slice(1))
  const [server, ...accepts] = begun
  assert.deepEqual(
    accepts.map(({ start }) => [start.parent, start.links]),
    [
      [undefined, [server?.traceparent]],
      [undefined, [server?.traceparent]],
      [undefined, undefined],
    ],
  )
  assert.deepEqual(
    records.map(({ headers }) => headers[HEADER.traceparent]),
    accepts.map(({ traceparent }) => traceparent),
  )
})

test('a request that accepts nothing has no span, and one whose caller was gone by then has an end', async () => {
  const { tracing, begun } = watched()
  const traces = createMessageTraces(tracing, { topic: 'messages', now: () => 1000 })
  const refused = traces.request(REQUEST)
  refused.during(() => {})
  refused.answered(400)
  assert.equal(begun.length, 0)
  const gone = traces.request(REQUEST)
  gone.answered(499)
  await gone.during(() =>
    createMessagePublisher(broker('published').producer, traces)(recordOf('ana'), Buffer.from('{}')),
  )
  assert.equal(begun[0]?.ends.length, 1)
})

test('of what Kafka did with a message only that nobody knows it is always kept', async () => {
  for (const [outcome, end] of [
    ['published', { endedAt: 1000 }],
    ['unavailable', { endedAt: 1000, error: 'unavailable', isAlwaysKept: false }],
    ['unknown', { endedAt: 1000, error: 'unknown', isAlwaysKept: true }],
  ] as const) {
    const { tracing, begun } = watched()
    const traces = createMessageTraces(tracing, { topic: 'messages', now: () => 1000 })
    assert.equal(
      await createMessagePublisher(broker(outcome).producer, traces)(recordOf('ana'), Buffer.from('{}')),
      outcome,
    )
    assert.deepEqual(begun[0]?.ends, [end])
  }
})

test('a write of a batch is told of when a message in it is kept, linked to those that are, and fails as it fails', async () => {
  const { tracing, begun } = watched()
  const traces = createMessageTraces(tracing, { topic: 'messages' })
  const kept = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const notKept = kept.replace('-01', '-00')
  const headersOf = (...all: string[]) => all.map((traceparent) => ({ headers: { traceparent } }))
  await traces.producing(headersOf(notKept), async () => {})
  assert.equal(begun.length, 0)
  await traces.producing([...headersOf(notKept, kept), { headers: {} }], async () => {})
  await assert.rejects(
    traces.producing(headersOf(kept), () => Promise.reject(new TypeError('to +5511999991000'))),
    TypeError,
  )
  assert.deepEqual(
    begun.map(({ start, ends }) => [start.links, start.attributes?.['messaging.batch.message_count'], ends[0]?.error]),
    [
      [[kept], 3, undefined],
      [[kept], 1, 'TypeError'],
    ],
  )
})

test('of what is cancelled only that it may have been sent before is always kept', () => {
  const { tracing, recorded } = watched()
  const traces = createMessageTraces(tracing, { topic: 'messages', now: () => 1000 })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
  const message = { id: 'message-1', instance: 'sales', type: 'text', traceparent } as const
  traces.cancelled([
    { ...message, status: 'cancelled' },
    { ...message, status: 'unknown' },
  ])
  assert.deepEqual(
    recorded.map(({ name, parent, attributes, error, isAlwaysKept }) => [
      name,
      parent,
      attributes?.['whatsapp.outcome'],
      error,
      isAlwaysKept,
    ]),
    [
      ['end message', traceparent, 'cancelled', undefined, undefined],
      ['end message', traceparent, 'unknown', 'cancelled-after-ambiguous', true],
    ],
  )
})

test('when nothing is traced records have no header for it', async () => {
  const { producer, records } = broker('published')
  await createMessagePublisher(producer, undefined)(recordOf('ana'), Buffer.from('{}'))
  await createMessagesPublisher(producer, undefined)([{ record: recordOf('ana'), encoded: Buffer.from('{}') }])
  assert.deepEqual(
    records.map(({ headers }) => Object.keys(headers)),
    [[HEADER.messageId], [HEADER.messageId]],
  )
})

function broker(outcome: PublishOutcome) {
  const records: KeyedRecord[] = []
  const producer: GroupCommitProducer = {
    name: 'producer',
    start: async () => {},
    stop: async () => {},
    isConnected: () => true,
    publish: async (each) => {
      records.push(each)
      return outcome
    },
    publishAll: async (all) => {
      records.push(...all)
      return all.map(() => outcome)
    },
  }
  return { producer, records }
}

type Begun = Readonly<{ start: Parameters<Tracing['begin']>[0]; traceparent: string; ends: SpanEnd[] }>

function watched() {
  const begun: Begun[] = []
  const recorded: Parameters<Tracing['record']>[0][] = []
  const tracing: Tracing = {
    name: 'traces',
    record: (span) => void recorded.push(span),
    begin: (start) => {
      const span: Begun = { start, traceparent: `span ${begun.length}`, ends: [] }
      begun.push(span)
      return { traceparent: span.traceparent, end: (end) => void span.ends.push(end) }
    },
  }
  return { tracing, begun, recorded }
}
