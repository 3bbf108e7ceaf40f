const MINUTE_MS = 60_000
const SHORTEST_MS = 1000

/** How many messages an instance sends a minute, as of late. Times are monotonic ms. */
export function createSendMeter() {
  let since = 0
  let count = 0
  let before = 0
  const turn = (now: number): void => {
    if (now - since < MINUTE_MS) return
    before = now - since < 2 * MINUTE_MS ? count : 0
    count = 0
    since = now
  }
  return {
    mark: (now: number): void => {
      turn(now)
      count += 1
    },
    /** Of the minute that is not over yet what came so far is taken as its pace. */
    perMinute: (now: number): number => {
      turn(now)
      return Math.max(before, (count * MINUTE_MS) / Math.max(SHORTEST_MS, now - since))
    },
  }
}
