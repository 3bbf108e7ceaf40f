import { HEADER, type MessageRecord } from '@whatsapp-sender/contract'
import type { MessageTraces } from '../message-traces.ts'
import type { GroupCommitProducer, KeyedRecord, PublishOutcome } from './group-commit-producer.ts'

/** `encoded` is the record's `encodeMessageRecord`: its size has been judged by then. */
export type PublishMessage = (record: MessageRecord, encoded: Buffer) => Promise<PublishOutcome>

/** @param traces undefined: nothing is traced */
export function createMessagePublisher(
  producer: GroupCommitProducer,
  traces: MessageTraces | undefined,
): PublishMessage {
  if (traces === undefined) return (record, encoded) => producer.publish(keyed(record, encoded))
  return async (record, encoded) => {
    const span = traces.accepting(record, 'one')
    const outcome = await producer.publish(keyed(record, encoded, span.traceparent))
    traces.accepted(span, outcome)
    return outcome
  }
}

type EncodedMessage = Readonly<{ record: MessageRecord; encoded: Buffer }>

/** The outcomes in the order of the messages. */
export type PublishMessages = (messages: readonly EncodedMessage[]) => Promise<readonly PublishOutcome[]>

/** @param traces undefined: nothing is traced */
export function createMessagesPublisher(
  producer: GroupCommitProducer,
  traces: MessageTraces | undefined,
): PublishMessages {
  if (traces === undefined) {
    return (messages) => producer.publishAll(messages.map(({ record, encoded }) => keyed(record, encoded)))
  }
  return async (messages) => {
    const spans = messages.map(({ record }) => traces.accepting(record, 'many'))
    const records = messages.map(({ record, encoded }, index) => keyed(record, encoded, spans[index]?.traceparent))
    const outcomes = await producer.publishAll(records)
    for (const [index, outcome] of outcomes.entries()) traces.accepted(spans[index], outcome)
    return outcomes
  }
}

function keyed({ instance, id }: MessageRecord, value: Buffer, traceparent?: string): KeyedRecord {
  const headers = { [HEADER.messageId]: id }
  if (traceparent === undefined) return { key: instance, value, headers }
  return { key: instance, value, headers: { ...headers, [HEADER.traceparent]: traceparent } }
}
