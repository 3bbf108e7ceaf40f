/** Events per second over the last half second or so; after a silence, over what there is as soon as that tells anything. */
export type RateMeter = Readonly<{ mark(now: number): void; perSecond(now: number): number }>

const WINDOW_MS = 500
const TELLING_MS = 50

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
      const age = now - windowStart
      return last === 0 && age >= TELLING_MS ? (count * 1000) / age : last
    },
  }
}
