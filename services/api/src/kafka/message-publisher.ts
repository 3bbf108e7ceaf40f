import { HEADER, type MessageRecord, RECORD_VERSION } from '@whatsapp-sender/contract'
import type { GroupCommitProducer, PublishOutcome } from './group-commit-producer.ts'

const SCHEMA_VERSION = String(RECORD_VERSION)

/** `encoded` is the record's `encodeMessageRecord`: its size has been judged by then. */
export type PublishMessage = (record: MessageRecord, encoded: Buffer) => Promise<PublishOutcome>

export function createMessagePublisher(producer: GroupCommitProducer): PublishMessage {
  return (record, encoded) =>
    producer.publish({
      key: record.instance,
      value: encoded,
      headers: { [HEADER.schemaVersion]: SCHEMA_VERSION, [HEADER.messageId]: record.id },
    })
}
