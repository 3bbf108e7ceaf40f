import { setTimeout as wait } from 'node:timers/promises'
import type { Admin } from 'kafkajs'

/** Records that the topic has dropped before they became rows. `from`: where the group stood, where that is known. */
export type SkippedRecords = Readonly<{ partition: number; from: bigint | undefined; until: bigint }>

export type SkipWatch = Readonly<{
  /** The group has spoken: what is owned from now on begins at what is committed. */
  assigned(partitions: readonly number[]): void
  /** False when records between the last batch of this partition and this one are gone: nothing of it may be committed. */
  follows(partition: number, firstOffset: string): Promise<boolean>
  /** The next record wanted of a partition. */
  passed(partition: number, next: string): void
}>

/**
 * Where a group stands and where the topic begins, by partition. A group that has committed nothing has no position, one
 * whose next record is gone has the position `MOVED`.
 */
export type ReadPositions = () => Promise<
  Readonly<{ committed: ReadonlyMap<number, bigint>; lows: ReadonlyMap<number, bigint> }>
>

/** What kafkajs commits in place of an offset when it moves a group to the first record that is left. */
export const MOVED = -2n

const RETRY_MS = 500

/**
 * A reader whose next offset is gone from the topic is moved to the first one left, with no more than a line in a log.
 * Each record in between was a 202: whoever runs the system has to hear of it before anything is committed over them.
 * A hole in the offsets with the topic's begin before it is none of retention's.
 */
export function watchSkipped({
  readPositions,
  onSkipped,
  onMoved,
  onError,
}: Readonly<{
  readPositions: ReadPositions
  onSkipped(records: SkippedRecords): void
  /** It has happened before this process came: whoever was there has ended for it. */
  onMoved(records: SkippedRecords): void
  onError(error: unknown): void
}>): SkipWatch {
  const next = new Map<number, bigint>()
  let known: Promise<void> = Promise.resolve()
  let epoch = 0

  const read = async (isWanted: () => boolean): ReturnType<typeof insistOnPositions> =>
    insistOnPositions(readPositions, { isWanted, onError })

  const learn = async (partitions: readonly number[]): Promise<void> => {
    const mine = epoch
    const positions = await read(() => mine === epoch)
    if (positions === undefined || mine !== epoch) return
    for (const partition of partitions) {
      const committed = positions.committed.get(partition)
      if (committed === MOVED) onMoved({ partition, from: undefined, until: positions.lows.get(partition) ?? 0n })
      if (committed === undefined || committed === MOVED) continue
      next.set(partition, committed)
      tellIfGone(partition, committed, positions.lows)
    }
  }
  const tellIfGone = (partition: number, from: bigint, lows: ReadonlyMap<number, bigint>): boolean => {
    const until = lows.get(partition) ?? 0n
    if (until <= from) return false
    onSkipped({ partition, from, until })
    return true
  }

  return {
    assigned: (partitions) => {
      epoch += 1
      next.clear()
      known = learn(partitions)
    },
    follows: async (partition, firstOffset) => {
      await known
      const wanted = next.get(partition)
      if (wanted === undefined || BigInt(firstOffset) <= wanted) return true
      const mine = epoch
      const positions = await read(() => mine === epoch)
      return positions !== undefined && !tellIfGone(partition, wanted, positions.lows)
    },
    passed: (partition, offset) => {
      next.set(partition, BigInt(offset))
    },
  }
}

async function insistOnPositions(
  readPositions: ReadPositions,
  { isWanted, onError }: Readonly<{ isWanted(): boolean; onError(error: unknown): void }>,
): Promise<Awaited<ReturnType<ReadPositions>> | undefined> {
  while (isWanted()) {
    try {
      return await readPositions()
    } catch (error) {
      onError(error)
      await wait(RETRY_MS)
    }
  }
  return undefined
}

export async function positionsOf(
  admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>,
  { topic, group }: Readonly<{ topic: string; group: string }>,
): ReturnType<ReadPositions> {
  const [offsets, places] = await Promise.all([
    admin.fetchOffsets({ groupId: group, topics: [topic] }),
    admin.fetchTopicOffsets(topic),
  ])
  const committed = (offsets[0]?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)] as const)
  return {
    committed: new Map(committed.filter(([, offset]) => offset >= 0n || offset === MOVED)),
    lows: new Map(places.map(({ partition, low }) => [partition, BigInt(low)])),
  }
}
