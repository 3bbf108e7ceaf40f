/** Events per second over the last half second or so. */
export type RateMeter = Readonly<{ mark(now: number): void; perSecond(now: number): number }>

const WINDOW_MS = 500

export function createRateMeter(): RateMeter {
  let windowStart = 0
  let count = 0
  let last = 0
  const roll = (now: number): void => {
    const age = now - windowStart
    if (age < WINDOW_MS) return
    last = age < 2 * WINDOW_MS ? (count * 1000) / age : 0
    windowStart = now
    count = 0
  }
  return {
    mark: (now) => {
      roll(now)
      count += 1
    },
    perSecond: (now) => {
      roll(now)
      return last
    },
  }
}
