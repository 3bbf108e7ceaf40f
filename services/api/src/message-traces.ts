import { AsyncLocalStorage } from 'node:async_hooks'
import { HEADER, type MessageRecord } from '@whatsapp-sender/contract'
import type { OpenSpan, SpanEnd, Tracing } from '@whatsapp-sender/service-runtime'
import type { CancelledMessage } from '@whatsapp-sender/store'
import type { PublishOutcome } from './kafka/group-commit-producer.ts'

/**
 * The beginning of each message's trace: the span that accepts it, which all others are children of. Attributes name
 * messages and instances by their ids and names, never a recipient, a text or a user.
 *
 * A message that comes alone is accepted within the span of its request, and so within the trace that its caller may have
 * begun. Of many that come together each begins a trace of its own, linked to the request.
 */
export type MessageTraces = ReturnType<typeof createMessageTraces>

/** `caller`: the `traceparent` of the request. */
export type TracedRequest = Readonly<{ method: string; route: string; caller: string | undefined }>

type Of = 'one' | 'many'

export function createMessageTraces(tracing: Tracing, o: Readonly<{ topic: string; now?: () => number }>) {
  const { topic, now = Date.now } = o
  const requests = new AsyncLocalStorage<Request>()

  return {
    /** What `handle` accepts belongs to the request. It has a span as soon as it accepts something. */
    request: (request: TracedRequest) => {
      const opened = openRequest(request, tracing, now)
      return {
        during: <T>(handle: () => T): T => requests.run(opened, handle),
        answered: opened.answered,
      }
    },
    /** From now until the broker has said what became of it. Its `traceparent` goes along with the record. */
    accepting: (record: MessageRecord, of: Of): OpenSpan => {
      const request = requests.getStore()?.span()
      return tracing.begin({
        name: 'accept message',
        kind: 'producer',
        startedAt: now(),
        attributes: attributesOf(record, topic),
        ...(request !== undefined && (of === 'one' ? { parent: request } : { links: [request] })),
      })
    },
    accepted: (span: OpenSpan | undefined, outcome: PublishOutcome): void => {
      if (outcome === 'published') span?.end({ endedAt: now() })
      // Of what was refused there is no message.
      else span?.end({ endedAt: now(), error: outcome, isAlwaysKept: outcome === 'unknown' })
    },
    /** They waited, and their users took them back. */
    cancelled: (messages: readonly CancelledMessage[]): void => {
      const at = now()
      for (const { id, instance, type, status, traceparent } of messages) {
        const attributes = { 'whatsapp.message.id': id, 'whatsapp.instance': instance, 'whatsapp.message.type': type }
        tracing.record({
          name: 'end message',
          kind: 'consumer',
          parent: traceparent,
          startedAt: at,
          endedAt: at,
          attributes: { ...attributes, 'whatsapp.outcome': status },
          // What may have been sent before has not ended as its user wanted it.
          ...(status === 'unknown' && { error: 'cancelled-after-ambiguous', isAlwaysKept: true }),
        })
      }
    },
    /** One write of a batch, linked to the messages in it whose traces are kept. */
    producing: async (records: readonly Readonly<{ headers: Headers }>[], send: () => Promise<void>): Promise<void> => {
      const links = records.flatMap(({ headers }) => headers[HEADER.traceparent] ?? []).filter(isSampled)
      if (links.length === 0) return await send()
      const span = tracing.begin({
        name: 'produce batch',
        kind: 'client',
        isSampled: true,
        startedAt: now(),
        links,
        attributes: { ...kafkaAttributes(topic), 'messaging.batch.message_count': records.length },
      })
      try {
        await send()
        span.end({ endedAt: now() })
      } catch (err) {
        span.end({ endedAt: now(), error: err instanceof Error ? err.name : 'unknown' })
        throw err
      }
    },
  }
}

type Headers = Readonly<Record<string, string>>

type Request = Readonly<{
  /** Its `traceparent`. */
  span(): string
  answered(status: number): void
}>

function openRequest({ method, route, caller }: TracedRequest, tracing: Tracing, now: () => number): Request {
  const startedAt = now()
  let span: OpenSpan | undefined
  let end: Pick<SpanEnd, 'endedAt' | 'attributes' | 'error'> | undefined
  return {
    span: () => {
      if (span !== undefined) return span.traceparent
      const attributes = { 'http.request.method': method, 'http.route': route }
      span = tracing.begin({ name: `${method} ${route}`, kind: 'server', caller, startedAt, attributes })
      // The caller had gone before anything was accepted of what he sent.
      if (end !== undefined) span.end(end)
      return span.traceparent
    },
    answered: (status) => {
      end = {
        endedAt: now(),
        attributes: { 'http.response.status_code': status },
        error: status >= 500 ? String(status) : undefined,
      }
      span?.end(end)
    },
  }
}

function attributesOf({ id, instance, type, batch, campaign }: MessageRecord, topic: string) {
  return {
    'whatsapp.message.id': id,
    'whatsapp.instance': instance,
    'whatsapp.message.type': type,
    ...(batch !== undefined && { 'whatsapp.batch.id': batch }),
    ...(campaign !== undefined && { 'whatsapp.campaign.id': campaign }),
    ...kafkaAttributes(topic),
  }
}

function kafkaAttributes(topic: string) {
  return { 'messaging.system': 'kafka', 'messaging.operation.type': 'send', 'messaging.destination.name': topic }
}

function isSampled(traceparent: string): boolean {
  return traceparent.endsWith('1')
}
