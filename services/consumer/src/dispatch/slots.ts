/** Requests that may be open at once. Those that wait for a slot are served in their order. */
export type Slots = Readonly<{
  /** False: turned away while waiting. */
  take(): Promise<boolean>
  /** Turns away all that wait. */
  turnAway(): void
  free(): void
  inUse(): number
  waiting(): number
}>

export function createSlots(limit: number): Slots {
  let used = 0
  let waiting: ((taken: boolean) => void)[] = []
  return {
    take: async () => {
      if (used < limit) {
        used += 1
        return true
      }
      return await new Promise<boolean>((resolve) => waiting.push(resolve))
    },
    free: () => {
      const next = waiting.shift()
      if (next === undefined) used -= 1
      else next(true)
    },
    turnAway: () => {
      const turnedAway = waiting
      waiting = []
      for (const tell of turnedAway) tell(false)
    },
    inUse: () => used,
    waiting: () => waiting.length,
  }
}
