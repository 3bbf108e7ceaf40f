import type { Admin } from 'kafkajs'

const EVERY_MS = 5000

/** Records of these partitions that the group has not committed. */
export async function unreadOf(
  admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>,
  { topic, group, partitions }: Readonly<{ topic: string; group: string; partitions: readonly number[] }>,
): Promise<ReadonlyMap<number, number>> {
  const [offsets, places] = await Promise.all([
    admin.fetchOffsets({ groupId: group, topics: [topic] }),
    admin.fetchTopicOffsets(topic),
  ])
  const committed = new Map((offsets[0]?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)]))
  return new Map(
    places
      .filter(({ partition }) => partitions.includes(partition))
      .map(({ partition, low, high }) => {
        const [from, begin] = [committed.get(partition) ?? 0n, BigInt(low)]
        return [partition, Number(BigInt(high) - (from > begin ? from : begin))]
      }),
  )
}

/** Does it at once, and then not again for a while, however often it is called. */
export function seldom(work: () => Promise<void>, now: () => number): () => void {
  let doneAt = Number.NEGATIVE_INFINITY
  return () => {
    if (now() - doneAt < EVERY_MS) return
    doneAt = now()
    void work()
  }
}
