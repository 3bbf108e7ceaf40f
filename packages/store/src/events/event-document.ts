import {
  type FeedEvent,
  type InstanceEvent,
  type InstanceEventType,
  MESSAGE_EVENT_VERSION,
  type MessageEvent,
  type MessageEventType,
} from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import { KEPT_DAYS } from '../kept-days.ts'
import type { EndReason } from '../ledger/message-row.ts'

/** One event before it has its place in the sequence. `_id`: id of the message or the instance, `:`, `n`. */
export type EventDraft = MessageEventDraft | InstanceEventDraft

export type InstanceEventDraft = Readonly<{
  _id: string
  n: number
  type: InstanceEventType
  at: Date
  user: string
  instance: string
  instanceId: string
}>

type MessageEventDraft = Readonly<{
  _id: string
  n: number
  type: MessageEventType
  at: Date
  user: string
  instance: string
  instanceId: string
  messageId: string
  to: string
  messageType: string
  reference?: string
  metadata?: Readonly<Record<string, string>>
  reason?: EndReason
  providerMessageId?: string
  nextAttemptAt?: Date
  /** Of the message, if it is traced. It is told to nobody. */
  traceparent?: string
}>

/** `seq`: from 1, without a gap, over all events of the installation. */
export type EventDocument = EventDraft & Readonly<{ seq: number; storedAt: Date }>

export const EVENT_INDEXES: readonly mongo.IndexDescription[] = [
  // Unique: two that would append at once cannot both take a place.
  { name: 'sequence', key: { seq: 1 }, unique: true },
  // What one user is told, in order.
  { name: 'user_sequence', key: { user: 1, seq: 1 } },
  { name: 'retention', key: { storedAt: 1 }, expireAfterSeconds: KEPT_DAYS.events * 86_400 },
]

/** `seq` is the cursor: what comes after it is what a reader has not seen. It only ever rises, and has no gaps. */
export type SequencedEvent = Readonly<{
  seq: number
  event: FeedEvent
  /** Of the message that it is about, if that is traced. */
  traceparent?: string
}>

export function sequencedEventOf(doc: EventDocument): SequencedEvent {
  if (!('messageId' in doc)) return { seq: doc.seq, event: instanceEventOf(doc) }
  const { seq, traceparent } = doc
  return { seq, event: messageEventOf(doc), ...(traceparent !== undefined && { traceparent }) }
}

function instanceEventOf({ _id: id, n, type, at, user, instance, instanceId }: InstanceEventDraft): InstanceEvent {
  return { v: MESSAGE_EVENT_VERSION, id, n, type, at: at.toISOString(), user, instance, instanceId }
}

function messageEventOf(doc: MessageEventDraft): MessageEvent {
  const { reference, metadata, reason, providerMessageId, nextAttemptAt } = doc
  return {
    v: MESSAGE_EVENT_VERSION,
    id: doc._id,
    n: doc.n,
    type: doc.type,
    at: doc.at.toISOString(),
    user: doc.user,
    instance: doc.instance,
    instanceId: doc.instanceId,
    message: {
      id: doc.messageId,
      to: doc.to,
      type: doc.messageType,
      ...(reference !== undefined && { reference }),
      ...(metadata !== undefined && { metadata: { ...metadata } }),
    },
    ...(reason !== undefined && { reason: { ...reason } }),
    ...(providerMessageId !== undefined && { providerMessageId }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: nextAttemptAt.toISOString() }),
  }
}
