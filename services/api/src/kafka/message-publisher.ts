import { HEADER, type MessageRecord } from '@whatsapp-sender/contract'
import type { GroupCommitProducer, PublishOutcome } from './group-commit-producer.ts'

/** `encoded` is the record's `encodeMessageRecord`: its size has been judged by then. */
export type PublishMessage = (record: MessageRecord, encoded: Buffer) => Promise<PublishOutcome>

export function createMessagePublisher(producer: GroupCommitProducer): PublishMessage {
  return (record, encoded) =>
    producer.publish({
      key: record.instance,
      value: encoded,
      headers: { [HEADER.messageId]: record.id },
    })
}
