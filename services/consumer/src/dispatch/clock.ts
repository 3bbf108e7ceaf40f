/**
 * `storeNow` is the database's clock in ms since the epoch, carried forward by the monotonic one: due times, expiry and
 * leases of all processes go by it, so that a wrong clock on one machine sends nothing early. `monotonic` is ms of this
 * process; `wall` is this machine's own time, which goes on while the machine sleeps and the monotonic clock stands.
 */
export type Clock = Readonly<{
  storeNow(): number
  monotonic(): number
  wall(): number
  adjust(storeTime: number): void
}>

/** A moment by both clocks of this machine. */
export type Moment = Readonly<{ monotonic: number; wall: number }>

/** ms since a moment, by whichever clock has gone further. */
export function ageOf(moment: Moment, clock: Pick<Clock, 'monotonic' | 'wall'>): number {
  return Math.max(clock.monotonic() - moment.monotonic, clock.wall() - moment.wall)
}

export function createClock(monotonic = () => performance.now(), wall = () => Date.now()): Clock {
  let offset = wall() - monotonic()
  return {
    storeNow: () => monotonic() + offset,
    monotonic,
    wall,
    adjust: (storeTime) => {
      offset = storeTime - monotonic()
    },
  }
}
