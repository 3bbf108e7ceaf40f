import { type EvolutionEventRecord, encodeEvolutionEvent } from '@whatsapp-sender/contract'
import type { GroupCommitProducer, PublishOutcome } from './group-commit-producer.ts'

export type PublishEvolutionEvent = (record: EvolutionEventRecord) => Promise<PublishOutcome>

export function createEvolutionEventPublisher(producer: GroupCommitProducer): PublishEvolutionEvent {
  return (record) =>
    producer.publish({
      key: record.instance,
      value: encodeEvolutionEvent(record),
      headers: {},
    })
}
