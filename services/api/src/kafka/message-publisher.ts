import { HEADER, type MessageRecord } from '@whatsapp-sender/contract'
import type { GroupCommitProducer, KeyedRecord, PublishOutcome } from './group-commit-producer.ts'

/** `encoded` is the record's `encodeMessageRecord`: its size has been judged by then. */
export type PublishMessage = (record: MessageRecord, encoded: Buffer) => Promise<PublishOutcome>

export function createMessagePublisher(producer: GroupCommitProducer): PublishMessage {
  return (record, encoded) => producer.publish(keyed(record, encoded))
}

/** The outcomes in the order of the messages. */
export type PublishMessages = (
  messages: readonly Readonly<{ record: MessageRecord; encoded: Buffer }>[],
) => Promise<readonly PublishOutcome[]>

export function createMessagesPublisher(producer: GroupCommitProducer): PublishMessages {
  return (messages) => producer.publishAll(messages.map(({ record, encoded }) => keyed(record, encoded)))
}

function keyed(record: MessageRecord, encoded: Buffer): KeyedRecord {
  return { key: record.instance, value: encoded, headers: { [HEADER.messageId]: record.id } }
}
