import type { Kafka } from 'kafkajs'

/** How far a consumer group is behind its topic. `lag`: records that it has not committed yet. */
export type GroupLag = Readonly<{
  group: string
  topic: string
  /** Consumers that take part in it now. */
  members: number
  partitions: number
  lag: number
  /** Partitions that lag, the most first, ten at most. */
  behind: readonly Readonly<{ partition: number; lag: number }>[]
}>

type Read = Readonly<{ group: string; topic: string }>

const BEHIND_MAX = 10
const RETRY = { retries: 1, initialRetryTime: 100, maxRetryTime: 500 }

/** Over a connection of its own each time: it is asked for seldom, by people. */
export async function readGroupLags(kafka: Pick<Kafka, 'admin'>, reads: readonly Read[]): Promise<GroupLag[]> {
  const admin = kafka.admin({ retry: RETRY })
  try {
    await admin.connect()
    const { groups } = await admin.describeGroups(reads.map(({ group }) => group))
    return await Promise.all(
      reads.map(async ({ group, topic }) => {
        const [ends, [committed]] = await Promise.all([
          admin.fetchTopicOffsets(topic),
          admin.fetchOffsets({ groupId: group, topics: [topic] }),
        ])
        const done = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
        const lags = ends.map(({ partition, high, low }) => {
          const at = done.get(partition) ?? -1n
          // Nothing committed: it begins with the oldest that there is.
          return { partition, lag: Number(BigInt(high) - (at < 0n ? BigInt(low) : at)) }
        })
        return {
          group,
          topic,
          members: groups.find(({ groupId }) => groupId === group)?.members.length ?? 0,
          partitions: ends.length,
          lag: lags.reduce((total, { lag }) => total + lag, 0),
          behind: lags
            .filter(({ lag }) => lag > 0)
            .sort((a, b) => b.lag - a.lag)
            .slice(0, BEHIND_MAX),
        }
      }),
    )
  } finally {
    await admin.disconnect()
  }
}
