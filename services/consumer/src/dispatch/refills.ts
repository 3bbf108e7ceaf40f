import type { Clock } from './clock.ts'
import { EXPRESS_PRIORITIES, expressLaneRows, expressRoom, isUrgentPartDone, leaveExpress } from './express.ts'
import { forgetIdleLane, forgetRows, hasRoom, type InstanceQueue } from './instance-queue.ts'
import { type Lane, laneRows } from './lane.ts'
import type { Loader } from './loader.ts'
import { createSlots } from './slots.ts'

const LOADS_AT_ONCE = 8
const LOAD_RETRY_MS = 500
const RELOAD_EVERY_MS = 1000
const AGAIN_MS = 250

/** Decides when rows are read from the ledger; how is the loader's. */
export type Refills = Readonly<{
  /** Reads the next rows of an instance, now. */
  refill(queue: InstanceQueue): void
  /** Reads more where memory runs low and the ledger has more. */
  topUp(queue: InstanceQueue, lane?: Lane): void
  /** Reads an instance anew, at most once a second; nothing of it goes out until that is done. */
  reload(queue: InstanceQueue): void
  forget(queue: InstanceQueue): void
}>

export function createRefills({
  loader,
  clock,
  rowsMax,
  onLoaded,
  onError,
}: Readonly<{
  loader: Loader
  clock: Pick<Clock, 'monotonic'>
  rowsMax(): number
  onLoaded(queue: InstanceQueue): void
  onError(error: unknown): void
}>): Refills {
  const loads = createSlots(LOADS_AT_ONCE)
  const reloads = new Map<string, { at: number; timer: NodeJS.Timeout | undefined }>()

  /** False when it was not read and has to be tried again, after a moment that has passed by then. */
  const load = async (queue: InstanceQueue, read: () => Promise<void>): Promise<boolean> => {
    await loads.take()
    try {
      if (!queue.dropped) await read()
      return true
    } catch (error) {
      onError(error)
      await new Promise((resolve) => setTimeout(resolve, LOAD_RETRY_MS))
      return false
    } finally {
      loads.free()
    }
  }

  const runsLow = (queue: InstanceQueue): boolean =>
    queue.more && queue.rowsHeld <= rowsMax() / 2 && hasRoom(queue, rowsMax())

  const refill = (queue: InstanceQueue): void => {
    if (queue.refilling || reloads.get(queue.name)?.timer !== undefined) return
    queue.refilling = true
    const { generation } = queue
    void load(queue, () => loader.refill(queue)).then((isRead) => {
      queue.refilling = false
      if (queue.dropped) return
      if (!isRead || queue.generation !== generation || queue.state === 'loading') return refill(queue)
      onLoaded(queue)
      for (const lane of [...queue.lanes.values()]) {
        refillLane(queue, lane)
        forgetIdleLane(queue, lane)
      }
      readAhead(queue)
      // Still low: rows were offered meanwhile, or an insert on its way had to be waited for.
      if (!runsLow(queue)) return
      if (queue.offered) refill(queue)
      else setTimeout(() => runsLow(queue) && refill(queue), AGAIN_MS)
    })
  }

  const isFilled = (lane: Lane): boolean =>
    lane.parked ||
    lane.isUrgentPartHere ||
    lane.rows.length > (lane.express === undefined ? laneRows(rowsMax()) : expressLaneRows(rowsMax())) / 2

  const refillLane = (queue: InstanceQueue, lane: Lane): void => {
    if (queue.dropped || !lane.more || lane.refilling || isFilled(lane)) return
    lane.refilling = true
    const { generation } = queue
    void load(queue, () => loader.refillLane(queue, lane)).then((isRead) => {
      lane.refilling = false
      // An empty lane has no message whose end would ask again.
      if (!isRead || lane.offered || queue.generation !== generation) refillLane(queue, lane)
      else if (isUrgentPartDone(lane)) {
        leaveExpress(queue, lane)
        // Emptied while the page was on its way, it has no message whose end would ask for what the page left out.
        if (lane.rows.length === 0) refillLane(queue, lane)
      } else if (lane.more && lane.rows.length === 0) setTimeout(() => refillLane(queue, lane), AGAIN_MS)
      forgetIdleLane(queue, lane)
    })
  }

  /** Reads ahead of the window what it would hide. */
  const readAhead = (queue: InstanceQueue): void => {
    for (const priority of EXPRESS_PRIORITIES) {
      const room = expressRoom(queue, priority, rowsMax())
      if (room === 0) continue
      const stream = queue.express[priority]
      stream.reading = true
      void load(queue, async () => {
        for (const lane of await loader.findExpress(queue, priority, room)) refillLane(queue, lane)
      }).then(() => {
        stream.reading = false
        if (!queue.dropped) readAhead(queue)
      })
    }
  }

  const reload = (queue: InstanceQueue): void => {
    const last = reloads.get(queue.name)
    if (last?.timer !== undefined) return
    // At once, though it may be read later: what is in memory is known to be no prefix of what the ledger holds.
    forgetRows(queue)
    const waitMs = last === undefined ? 0 : last.at + RELOAD_EVERY_MS - clock.monotonic()
    if (last !== undefined && waitMs > 0) {
      last.timer = setTimeout(() => {
        reloads.delete(queue.name)
        reload(queue)
      }, waitMs)
      return
    }
    reloads.set(queue.name, { at: clock.monotonic(), timer: undefined })
    refill(queue)
  }

  return {
    refill,
    topUp: (queue, lane) => {
      if (lane !== undefined) refillLane(queue, lane)
      if (runsLow(queue)) refill(queue)
      if (queue.more) readAhead(queue)
    },
    reload,
    forget: (queue) => {
      clearTimeout(reloads.get(queue.name)?.timer)
      reloads.delete(queue.name)
    },
  }
}
