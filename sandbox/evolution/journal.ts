/** An append-only log in memory: the newest `capacity` entries, numbered from 1 without gaps. */
export type Journal<T> = Readonly<{
  append(entry: T): Sequenced<T>
  /** Entries after `sequence`, oldest first; `next` is what to pass as `since` the next time. */
  since(sequence: number, limit: number): { data: Sequenced<T>[]; next: number; dropped: number }
  length(): number
}>

export type Sequenced<T> = Readonly<{ sequence: number }> & T

export function createJournal<T extends object>(capacity: number): Journal<T> {
  const ring: Sequenced<T>[] = []
  let last = 0

  return {
    append(entry) {
      last += 1
      const sequenced = { sequence: last, ...entry }
      ring[(last - 1) % capacity] = sequenced
      return sequenced
    },
    since(sequence, limit) {
      const dropped = Math.max(0, last - capacity)
      const from = Math.max(sequence, dropped)
      const to = Math.min(last, from + limit)
      const data: Sequenced<T>[] = []
      for (let index = from; index < to; index += 1) {
        const entry = ring[index % capacity]
        if (entry !== undefined) {
          data.push(entry)
        }
      }
      return { data, next: Math.max(to, from), dropped }
    },
    length: () => last,
  }
}
