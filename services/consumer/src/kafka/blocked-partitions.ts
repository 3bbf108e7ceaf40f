import type { Consumer } from 'kafkajs'

/** Partitions whose next record only a newer version of this process can read. */
export type BlockedPartitions = Readonly<{ block(partition: number): void; isAny(): boolean; count(): number }>

/** When the group has spoken, another member may have them; what is still read here blocks itself again. */
export function watchBlocked(
  consumer: Pick<Consumer, 'on' | 'events' | 'pause' | 'resume'>,
  topic: string,
): BlockedPartitions {
  const blocked = new Set<number>()
  consumer.on(consumer.events.GROUP_JOIN, () => {
    if (blocked.size > 0) consumer.resume([{ topic, partitions: [...blocked] }])
    blocked.clear()
  })
  return {
    block: (partition) => {
      consumer.pause([{ topic, partitions: [partition] }])
      blocked.add(partition)
    },
    isAny: () => blocked.size > 0,
    count: () => blocked.size,
  }
}
