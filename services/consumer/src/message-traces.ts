import type { OpenSpan, Tracing } from '@whatsapp-sender/service-runtime'
import type { IngestedMessage, LaneRow, Ledger, Outcome, Receipt, WebhookDelivery } from '@whatsapp-sender/store'
import type { EndedUnsent } from './delivery/ended-unsent.ts'
import { outcomeNameOf } from './delivery/outcome-name.ts'

/**
 * What the consumer adds to the trace of a message, each span a child of the one that accepted it. Attributes name messages
 * and instances by their ids and names, never a recipient, a text or an address. Times are the store's.
 */
export type MessageTraces = ReturnType<typeof createMessageTraces>

export function createMessageTraces(tracing: Tracing, storeNow: () => number) {
  return {
    /** A span per new row, from the beginning of the write that made it. */
    ingesting: (insert: Ledger['insert']): Ledger['insert'] => {
      return async (messages, now) => {
        const result = await insert(messages, now)
        const endedAt = storeNow()
        for (const message of result.inserted) recordIngest(message, { startedAt: now.getTime(), endedAt })
        return result
      }
    },
    /** One attempt to send, as it is written down. */
    attempted: (row: LaneRow, outcome: Outcome): void => {
      if (row.traceparent === undefined) return
      const { startedAt, durationMs, number, error } = outcome.attempt
      tracing.record({
        name: 'send message',
        kind: 'client',
        parent: row.traceparent,
        startedAt: startedAt.getTime(),
        endedAt: startedAt.getTime() + durationMs,
        attributes: {
          ...attributesOf(row),
          'whatsapp.attempt': number,
          'whatsapp.outcome': outcomeNameOf(outcome),
          ...(outcome.status === 'sent' && { 'whatsapp.sent.by': outcome.by }),
          ...(error?.httpStatus !== undefined && { 'http.response.status_code': error.httpStatus }),
        },
        error: error?.code,
        isAlwaysKept: isFailure(outcome),
      })
    },
    /** It waited, and ended without another attempt. */
    endedUnsent: (row: TracedRow, { status, code }: EndedUnsent): void => {
      recordNow(row, 'end message', { outcome: status, error: code })
    },
    /** It had ended as `unknown`, and Evolution's own event has shown that it was sent. */
    provenLate: (row: TracedRow): void => recordNow(row, 'prove message', { outcome: 'sent' }),
    /** A span per receipt, from when it reached the API. */
    receiving: (applyReceipts: Ledger['applyReceipts']): Ledger['applyReceipts'] => {
      return async (receipts) => {
        const applied = await applyReceipts(receipts)
        const endedAt = storeNow()
        for (const { receipt, messageId, traceparent } of applied.traced ?? []) {
          const { status, at } = receipt
          tracing.record({
            name: `receipt ${RECEIPT_NAMES[status]}`,
            kind: 'consumer',
            parent: traceparent,
            // A server asked later may name a moment that is still to come.
            startedAt: Math.min(at.getTime(), endedAt),
            endedAt,
            attributes: { 'whatsapp.message.id': messageId, 'whatsapp.receipt': status },
            ...(status === 'ERROR' && { error: 'refused-by-whatsapp', isAlwaysKept: true }),
          })
        }
        return applied
      }
    },
    /** One post to a webhook. Undefined: the message is not traced, or it is none. */
    posting: ({ traceparent, endpoint, key, type, tries }: PostedDelivery, startedAt: number): OpenSpan | undefined => {
      if (traceparent === undefined) return undefined
      return tracing.begin({
        name: 'post webhook',
        kind: 'client',
        parent: traceparent,
        startedAt,
        attributes: {
          'whatsapp.message.id': key,
          'whatsapp.event.type': type,
          'whatsapp.webhook.id': endpoint,
          'whatsapp.attempt': tries + 1,
        },
      })
    },
  }

  /** What is known at one moment, and is worth to be kept of any message. */
  function recordNow(row: TracedRow, name: string, { outcome, error }: Readonly<{ outcome: string; error?: string }>) {
    if (row.traceparent === undefined) return
    const at = storeNow()
    tracing.record({
      name,
      kind: 'consumer',
      parent: row.traceparent,
      startedAt: at,
      endedAt: at,
      attributes: { ...attributesOf(row), 'whatsapp.outcome': outcome },
      error,
      isAlwaysKept: true,
    })
  }

  function recordIngest(
    { record, offset }: IngestedMessage,
    time: Readonly<{ startedAt: number; endedAt: number }>,
  ): void {
    if (record.traceparent === undefined) return
    tracing.record({
      name: 'ingest message',
      kind: 'consumer',
      parent: record.traceparent,
      ...time,
      attributes: {
        ...attributesOf(record),
        'messaging.system': 'kafka',
        'messaging.operation.type': 'process',
        'messaging.kafka.offset': Number(offset),
      },
    })
  }
}

type PostedDelivery = Pick<WebhookDelivery, 'traceparent' | 'endpoint' | 'key' | 'type' | 'tries'>

type TracedRow = Pick<LaneRow, 'id' | 'instance' | 'type' | 'traceparent'>

function attributesOf({ id, instance, type }: Omit<TracedRow, 'traceparent'>) {
  return { 'whatsapp.message.id': id, 'whatsapp.instance': instance, 'whatsapp.message.type': type }
}

/** An attempt that will be followed by another is none; one of which nobody knows whether it left is. */
function isFailure(outcome: Outcome): boolean {
  if (outcome.status === 'sent') return outcome.by === 'evidence'
  return outcome.status !== 'queued' || outcome.attempt.error?.kind === 'ambiguous'
}

const RECEIPT_NAMES = {
  DELIVERY_ACK: 'delivered',
  READ: 'read',
  PLAYED: 'played',
  ERROR: 'refused',
} as const satisfies Record<Receipt['status'], string>
