/** Requests that may be open at once. Those that wait for a slot are served in their order. */
export type Slots = Readonly<{
  take(): Promise<void>
  free(): void
  inUse(): number
  waiting(): number
}>

export function createSlots(limit: number): Slots {
  let used = 0
  const waiting: (() => void)[] = []
  return {
    take: async () => {
      if (used < limit) {
        used += 1
        return
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    },
    free: () => {
      const next = waiting.shift()
      if (next === undefined) used -= 1
      else next()
    },
    inUse: () => used,
    waiting: () => waiting.length,
  }
}
