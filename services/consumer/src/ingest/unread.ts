/** What of a partition is still to be read. `unreadFrom`: the broker had it no earlier than then, ms since the epoch. */
export type Left = Readonly<{ recordsBehind: number; unreadFrom: number }>

/** Of what nobody has seen yet; it is younger than what waits to be stored. */
const UNKNOWN = Number.POSITIVE_INFINITY

/** How much of the own partitions is accepted and not read yet, and since when. */
export type Unread = ReturnType<typeof createUnread>

export function createUnread() {
  const partitions = new Map<number, Left>()
  let notes = 0
  return {
    note: (partition: number, left: Left): void => {
      notes += 1
      if (left.recordsBehind > 0) partitions.set(partition, left)
      else partitions.delete(partition)
    },
    /**
     * As the broker counts it, by partition: while a batch cannot be stored, no other is read that would tell. What was
     * read meanwhile knows better.
     */
    count: async (ask: () => Promise<ReadonlyMap<number, number>>): Promise<void> => {
      const before = notes
      const counted = await ask()
      if (notes !== before) return
      for (const [partition, recordsBehind] of counted) {
        const unreadFrom = partitions.get(partition)?.unreadFrom ?? UNKNOWN
        if (recordsBehind > 0) partitions.set(partition, { recordsBehind, unreadFrom })
      }
    },
    /** All others are somebody else's now. */
    keep: (own: readonly number[]): void => {
      notes += 1
      for (const partition of partitions.keys()) if (!own.includes(partition)) partitions.delete(partition)
    },
    records: (): number => [...partitions.values()].reduce((sum, { recordsBehind }) => sum + recordsBehind, 0),
    /** ms since the epoch by the broker's clock; undefined: all is read. */
    oldest: (): number | undefined => {
      const times = [...partitions.values()].map(({ unreadFrom }) => unreadFrom)
      return times.length === 0 ? undefined : Math.min(...times)
    },
  }
}
