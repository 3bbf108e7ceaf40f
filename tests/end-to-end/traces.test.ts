import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import type { ExportedSpan } from '../support/otlp-spans.ts'
import { type System, startSystem } from '../support/system.ts'
import { startTraceCollector, type TraceCollector, taken } from '../support/trace-collector.ts'

const SERVER = 2
const CLIENT = 3

let system: System
let collector: TraceCollector
let toldLate: string
before(async () => {
  collector = await startTraceCollector()
  system = await startSystem({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-scope=sales%20team',
      // Nothing is kept but what is asked for, and what fails.
      OTEL_TRACES_SAMPLER_ARG: '0',
      OUTGOING_PRIVATE_NETWORKS: '127.0.0.0/8',
      ATTEMPTS_MAX: '2',
      RETRY_BASE_MS: '10',
    },
    gatewayEnv: { SANDBOX_DELIVERED_AFTER_MS: '50', SANDBOX_READ_AFTER_MS: '150' },
  })
  for (const name of ['traced', 'failing', 'unsure', 'silent', 'shut', 'late']) await system.admin.createInstance(name)
  // It takes half a minute until this one is told of: the others go on meanwhile.
  await system.gateway.events('late', { delayMs: 5000, events: ['SEND_MESSAGE'] })
  await system.gateway.program('late', { close: 'after-reading', times: 1 })
  toldLate = await send('late', { text: 'told late', onAmbiguous: 'hold' })
})
after(async () => {
  await system.stop()
  await collector.close()
})

test("a message is one trace in its caller's trace, from the request to its receipts and the webhooks that tell of it", async (t) => {
  const seen: string[] = []
  const url = await receiver(t, (headers) => seen.push(String(headers['traceparent'])))
  const made = await system.admin.call<{ id: string }>('POST', '/v1/webhooks', { url })
  t.after(() => system.admin.call('DELETE', `/v1/webhooks/${made.body.id}`))

  const caller = callerOf()
  const id = await send('traced', { ...caller.asking, text: 'whole' })
  await system.admin.follow(id, ['read'])
  const spans = await until('its last webhook is exported', async () => {
    const found = collector.spansOf(id)
    return found.some(({ attributes }) => attributes['whatsapp.event.type'] === 'message.read') ? found : undefined
  })

  const request = await until('the request is exported', async () =>
    collector.spans().find(({ traceId, kind }) => traceId === caller.traceId && kind === SERVER),
  )
  const accept = spanNamed(spans, 'accept message')
  assert.equal(request.name, 'POST /v1/messages')
  assert.equal(request.attributes['http.response.status_code'], 202)
  assert.equal(request.parentSpanId, caller.spanId)
  assert.equal(accept.parentSpanId, request.spanId)
  const others = spans.filter((span) => span !== accept)
  const names = others.map(({ name }) => name)
  for (const name of ['ingest message', 'send message', 'receipt delivered', 'receipt read']) {
    assert.ok(names.includes(name), `${name} is among ${names.join(', ')}`)
  }
  for (const span of others) {
    assert.deepEqual([span.traceId, span.parentSpanId], [caller.traceId, accept.spanId], span.name)
    assert.ok(span.startedAt <= span.endedAt, span.name)
    assert.equal(span.error, undefined)
  }
  assert.deepEqual([request.service, accept.service], ['whatsapp-sender-api', 'whatsapp-sender-api'])
  assert.ok(others.every(({ service }) => service === 'whatsapp-sender-consumer'))

  const sent = spanNamed(spans, 'send message')
  assert.equal(sent.kind, CLIENT)
  assert.deepEqual(sent.attributes, {
    'whatsapp.message.id': id,
    'whatsapp.instance': 'traced',
    'whatsapp.message.type': 'text',
    'whatsapp.attempt': 1,
    'whatsapp.outcome': 'sent',
    'whatsapp.sent.by': 'answer',
  })
  const posts = spans.filter(({ name }) => name === 'post webhook')
  assert.deepEqual(
    new Set(seen),
    new Set(posts.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)),
    'a receiver can go on with the trace',
  )
  const row = await rowOf(id)
  assert.equal(row?.traceparent, `00-${caller.traceId}-${accept.spanId}-01`)
  assert.ok(collector.headers().every((headers) => headers['x-scope'] === 'sales team'))
})

test('the write to Kafka that brought a message is a trace of its own, linked to it', async () => {
  const caller = callerOf()
  const id = await send('traced', { ...caller.asking, text: 'linked' })
  const accept = spanNamed(await spansWhen(id, (names) => names.includes('accept message')), 'accept message')
  const batch = await until('the write is exported', async () =>
    collector.spans().find(({ name, links }) => name === 'produce batch' && links.some(isOf(accept))),
  )
  assert.notEqual(batch.traceId, accept.traceId)
  assert.equal(batch.attributes['messaging.destination.name'], `${system.prefix}messages`)
})

test('of a hundred callers at once who ask for it ten a second have their traces kept', async () => {
  const begunAt = Date.now()
  const requests = Array.from({ length: 100 }, (_, n) => {
    return send('traced', { ...callerOf().asking, text: `asked for ${n}` })
  })
  // A machine that is busy may refuse some of so many: of those there is no message.
  const sent = (await Promise.allSettled(requests)).flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const seconds = Math.ceil((Date.now() - begunAt) / 1000) + 1
  const last = await send('traced', { ...callerOf().telling, to: '+5511988880404', text: 'to nobody' })
  await spansWhen(last, (names) => names.length > 0)
  const kept = sent.filter((id) => collector.spansOf(id).length > 0).length
  assert.ok(kept >= 1 && kept <= 10 * seconds, `${kept} of ${sent.length} in ${seconds} s`)
})

test('a send that fails is exported under the trace that its caller knows, though nothing else of it is', async () => {
  const caller = callerOf()
  const id = await send('failing', { ...caller.telling, to: '+5511988880404', text: 'to nobody' })
  await system.admin.follow(id, ['failed'])
  const spans = await spansWhen(id, (names) => names.length > 0)
  assert.deepEqual(
    spans.map(({ name, traceId, error }) => [name, traceId, error]),
    [['send message', caller.traceId, spans[0]?.attributes['error.type']]],
  )
  assert.equal(spans[0]?.attributes['whatsapp.outcome'], 'failed')
  assert.equal(spans[0]?.parentSpanId, (await rowOf(id))?.traceparent?.slice(36, 52))
})

test('attempts that are used up, and one that may have left, are exported; the try before is not', async () => {
  const body = { status: 500, error: 'x', response: { message: 'canary-of-evolution' } }
  await system.gateway.program('silent', { status: 500, body, times: 2 })
  const dead = await send('silent', { text: 'tried twice' })
  await system.admin.follow(dead, ['dead-lettered'])
  await system.gateway.program('unsure', { close: 'after-reading', times: 1 })
  const unsure = await send('unsure', { text: 'left or not', onAmbiguous: 'hold' })
  await system.admin.follow(unsure, ['unknown', 'sent', 'read'])
  for (const [id, outcomes] of [
    [dead, ['dead-lettered']],
    [unsure, ['sent', 'unknown']],
  ] as const) {
    const spans = await spansWhen(id, (names) => names.length > 0)
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['send message'],
    )
    assert.ok(outcomes.some((outcome) => outcome === spans[0]?.attributes['whatsapp.outcome']))
  }
})

test('a message that expires while it waits is exported under the trace that its caller knows', async () => {
  await system.gateway.setState('shut', 'close')
  const caller = callerOf()
  const id = await send('shut', { ...caller.telling, text: 'in time or never', ttlSeconds: 2 })
  await system.admin.follow(id, ['expired'])
  const spans = await spansWhen(id, (names) => names.includes('end message'))
  assert.deepEqual(
    spans.map((span) => [span.name, span.traceId, span.attributes['whatsapp.outcome'], span.error]),
    [['end message', caller.traceId, 'expired', 'expired']],
  )
})

test('messages that their users cancel, one or many, are told to have ended in the traces that are kept', async () => {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  const later = { text: 'not now', sendAt }
  const [one, other] = [callerOf(), callerOf()]
  const ids = [
    await send('traced', { ...later, ...one.asking }),
    await send('traced', { ...later, ...other.asking, reference: 'taken back' }),
  ]
  const untold = await send('traced', { ...later, ...callerOf().telling, reference: 'taken back' })
  for (const id of [...ids, untold]) await system.admin.follow(id, ['scheduled'])
  assert.equal((await system.admin.call('POST', `/v1/messages/${ids[0]}/cancel`)).status, 200)
  const many = await system.admin.call<{ cancelled: number }>('POST', '/v1/messages/cancel', {
    reference: 'taken back',
  })
  assert.equal(many.body.cancelled, 2)
  for (const [n, id] of ids.entries()) {
    const end = spanNamed(await spansWhen(id, (names) => names.includes('end message')), 'end message')
    assert.deepEqual([end.traceId, end.service], [(n === 0 ? one : other).traceId, 'whatsapp-sender-api'])
    assert.deepEqual([end.attributes['whatsapp.outcome'], end.error], ['cancelled', undefined])
  }
  assert.deepEqual(collector.spansOf(untold), [], 'to cancel a message is no failure of it')
})

test('a message that was given up as unknown, and of which Evolution tells late, is told to have been sent', async () => {
  const id = toldLate
  await system.admin.follow(id, ['read'])
  const spans = await spansWhen(id, (names) => names.includes('prove message'))
  assert.deepEqual(
    spans.map(({ name, attributes, error }) => [name, attributes['whatsapp.outcome'], error]),
    [
      ['send message', 'unknown', spans[0]?.attributes['error.type']],
      ['prove message', 'sent', undefined],
    ],
  )
})

test('neither a recipient nor a text nor an address is in anything that was exported', async () => {
  const canary = `canary-${randomBytes(6).toString('hex')}`
  const number = '+5511977654321'
  const id = await send('traced', { ...callerOf().asking, to: number, text: canary, metadata: { note: canary } })
  await system.admin.follow(id, ['read'])
  await spansWhen(id, (names) => names.includes('receipt read'))
  const all = Buffer.concat(collector.bytes())
  assert.ok(all.includes(id))
  for (const hidden of [canary, number.slice(1), '988880404', '/hooks', 'canary-of-evolution', 'admin@example.com']) {
    assert.ok(!all.includes(hidden), hidden)
  }
})

test('a collector that is away or hangs holds up no message, and what comes when it is back is there', async () => {
  collector.answerWith(() => {})
  const hanging = await send('traced', { ...callerOf().asking, text: 'while it hangs' })
  await system.admin.follow(hanging, ['read'])
  collector.answerWith((res) => res.writeHead(503).end())
  const refused = await send('traced', { ...callerOf().asking, text: 'while it refuses' })
  await system.admin.follow(refused, ['read'])
  await until('its spans were dropped, and counted', async () => (await droppedBy('consumer-1')) > 0 || undefined, {
    timeoutMs: 60_000,
  })
  collector.answerWith(taken)
  const told = await send('traced', { ...callerOf().asking, text: 'when it is back' })
  await system.admin.follow(told, ['read'])
  await spansWhen(told, (names) => names.includes('receipt read'))
})

async function send(
  instance: string,
  o: Readonly<{
    to?: string
    text: string
    traceparent?: string
    metadata?: object
    onAmbiguous?: string
    sendAt?: string
    ttlSeconds?: number
    reference?: string
  }>,
): Promise<string> {
  const { to = '+5511988881000', traceparent, ...rest } = o
  const headers = traceparent === undefined ? {} : { traceparent }
  const { status, body } = await system.admin.call<{ id: string }>(
    'POST',
    '/v1/messages',
    { instance, to, ...rest },
    headers,
  )
  assert.equal(status, 202)
  return body.id
}

/** Somebody who traces what he does: one keeps his part of it, the other does not. */
function callerOf() {
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  const context = `00-${traceId}-${spanId}`
  return { traceId, spanId, asking: { traceparent: `${context}-01` }, telling: { traceparent: `${context}-00` } }
}

function spansWhen(id: string, are: (names: readonly string[]) => boolean): Promise<readonly ExportedSpan[]> {
  return until(
    `the spans of ${id} are there`,
    async () => {
      const spans = collector.spansOf(id)
      return are(spans.map(({ name }) => name)) ? spans : undefined
    },
    { timeoutMs: 60_000, everyMs: 100 },
  )
}

function spanNamed(spans: readonly ExportedSpan[], name: string): ExportedSpan {
  const span = spans.find((each) => each.name === name)
  assert.ok(span, `${name} is among ${spans.map((each) => each.name).join(', ')}`)
  return span
}

function isOf({ traceId, spanId }: ExportedSpan) {
  return (link: Readonly<{ traceId: string; spanId: string }>) => link.traceId === traceId && link.spanId === spanId
}

async function rowOf(id: string): Promise<MessageDocument | undefined> {
  return (await system.store.db.collection<MessageDocument>('messages').findOne({ _id: id })) ?? undefined
}

async function droppedBy(program: string): Promise<number> {
  const found = system.programs().find(({ name }) => name === program)
  assert.ok(found)
  const metrics = await (await fetch(found.readyUrl.replace('/readyz', '/metrics'))).text()
  const counts = metrics.matchAll(/^whatsapp_spans_dropped_total\{.*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

async function receiver(
  t: Readonly<{ after(end: () => void): void }>,
  onPost: (headers: Readonly<Record<string, unknown>>) => void,
): Promise<string> {
  const server = createServer((req, res) => {
    req.resume().on('end', () => {
      onPost(req.headers)
      res.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return `http://127.0.0.1:${address.port}/hooks`
}
