import {
  EVENT_RECORD_VERSION,
  type EvolutionEventRecord,
  encodeEvolutionEvent,
  HEADER,
} from '@whatsapp-sender/contract'
import type { GroupCommitProducer, PublishOutcome } from './group-commit-producer.ts'

const SCHEMA_VERSION = String(EVENT_RECORD_VERSION)

export type PublishEvolutionEvent = (record: EvolutionEventRecord) => Promise<PublishOutcome>

export function createEvolutionEventPublisher(producer: GroupCommitProducer): PublishEvolutionEvent {
  return (record) =>
    producer.publish({
      key: record.instance,
      value: encodeEvolutionEvent(record),
      headers: { [HEADER.schemaVersion]: SCHEMA_VERSION },
    })
}
