/**
 * `storeNow` is the database's clock in ms since the epoch, carried forward by the monotonic one: due times, expiry and
 * leases of all processes go by it, so that a wrong clock on one machine sends nothing early. `monotonic` is ms of this
 * process.
 */
export type Clock = Readonly<{ storeNow(): number; monotonic(): number; adjust(storeTime: number): void }>

export function createClock(monotonic = () => performance.now(), wall = () => Date.now()): Clock {
  let offset = wall() - monotonic()
  return {
    storeNow: () => monotonic() + offset,
    monotonic,
    adjust: (storeTime) => {
      offset = storeTime - monotonic()
    },
  }
}
