/**
 * `storeNow` is the database's clock in ms since the epoch, carried forward by the monotonic one: due times, expiry and
 * leases of all processes go by it, so that a wrong clock on one machine sends nothing early. `monotonic` is ms of this
 * process; `wall` is this machine's own time, which goes on while the machine sleeps and the monotonic clock stands.
 */
export type Clock = Readonly<{
  storeNow(): number
  monotonic(): number
  wall(): number
  /**
   * The database read its clock, in whole ms, some time between `askedAt` (monotonic) and now. What took long to answer
   * moves nothing by itself: what is known better already stays.
   */
  adjust(storeTime: number, askedAt: number): void
}>

/** A moment by both clocks of this machine. */
export type Moment = Readonly<{ monotonic: number; wall: number }>

/** ms since a moment, by whichever clock has gone further. */
export function ageOf(moment: Moment, clock: Pick<Clock, 'monotonic' | 'wall'>): number {
  return Math.max(clock.monotonic() - moment.monotonic, clock.wall() - moment.wall)
}

/** How far two clocks may run apart, ms a ms: twice what a clock is slewed by that is being set right. */
const DRIFT = 0.001

export function createClock(monotonic = () => performance.now(), wall = () => Date.now()): Clock {
  let offset = wall() - monotonic()
  /** The database's clock is ahead of the monotonic one by something between these, as of `knownAt`. */
  let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  let knownAt = monotonic()
  return {
    storeNow: () => monotonic() + offset,
    monotonic,
    wall,
    adjust: (storeTime, askedAt) => {
      const now = monotonic()
      const drift = (now - knownAt) * DRIFT
      const told = { least: storeTime - now, most: storeTime + 1 - askedAt }
      const both = { least: Math.max(told.least, least - drift), most: Math.min(told.most, most + drift) }
      // They do not meet when a clock was set, or this machine slept.
      ;({ least, most } = both.least <= both.most ? both : told)
      knownAt = now
      offset = (least + most) / 2
    },
  }
}
