/** An append-only log in memory: the newest `capacity` entries, numbered from 1 without gaps. */
export type Journal<T> = Readonly<{
  append(entry: T): Sequenced<T>
  /** Entries after `sequence`, oldest first; `next` is what to pass as `since` the next time. */
  since(sequence: number, limit: number): { data: Sequenced<T>[]; next: number; dropped: number }
  length(): number
}>

export type Sequenced<T> = Readonly<{ sequence: number }> & T

/** `charsMax` bounds what `charsOf` counts in all entries together: beyond it the oldest leave before their turn. */
export function createJournal<T extends object>(
  capacity: number,
  size?: Readonly<{ charsMax: number; charsOf(entry: T): number }>,
): Journal<T> {
  const ring: (Sequenced<T> | undefined)[] = []
  let last = 0
  let dropped = 0
  let chars = 0

  return {
    append(entry) {
      last += 1
      if (last - dropped > capacity) dropOldest()
      const sequenced = { sequence: last, ...entry }
      ring[(last - 1) % capacity] = sequenced
      chars += size?.charsOf(entry) ?? 0
      while (size !== undefined && chars > size.charsMax && dropped < last) dropOldest()
      return sequenced
    },
    since(sequence, limit) {
      const from = Math.max(sequence, dropped)
      const to = Math.min(last, from + limit)
      const data: Sequenced<T>[] = []
      for (let index = from; index < to; index += 1) {
        const entry = ring[index % capacity]
        if (entry !== undefined) data.push(entry)
      }
      return { data, next: Math.max(to, from), dropped }
    },
    length: () => last,
  }

  function dropOldest(): void {
    const place = dropped % capacity
    const oldest = ring[place]
    ring[place] = undefined
    dropped += 1
    if (oldest !== undefined) chars -= size?.charsOf(oldest) ?? 0
  }
}
