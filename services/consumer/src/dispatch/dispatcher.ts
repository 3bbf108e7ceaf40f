import type { LaneRow, Ledger } from '@whatsapp-sender/store'
import type { DeliveryResult } from '../delivery/deliver-message.ts'
import type { Carrier } from './carrier.ts'
import type { Clock } from './clock.ts'
import { createDueTimes } from './due-since.ts'
import { finishHead, type InstanceQueue, offerRow, replaceHead, unpark, windowRows } from './instance-queue.ts'
import { isLaneReady, type Lane } from './lane.ts'
import { createLines, type Line } from './lines.ts'
import { createLoader } from './loader.ts'
import type { Paces } from './paces.ts'
import { createQueues } from './queues.ts'
import { listLane, takeLane } from './ready-lanes.ts'
import { createRefills } from './refills.ts'
import { createStrangers } from './strangers.ts'

const ALARM_MAX_MS = 60_000
/** A lane that waits for less keeps its rows: reading them again would cost more than they hold. */
const PARK_FROM_MS = 1000

export type Dispatcher = Readonly<{
  /** Rows that an insert has just made, in order. */
  offer(rows: readonly LaneRow[]): void
  /** Brings into memory what the ledger holds for an instance that this process owns from now on. */
  take(instance: string): void
  /** Forgets every instance that this process owns no longer; what is in flight ends by itself. */
  dropForeign(): void
  dropAll(): void
  /** Reads an instance anew, known or not: something in it changed behind the dispatcher's back. */
  reload(instance: string): void
  /** Something that held an instance (or all) may have gone: gate, pause, pace. */
  look(instance?: string): void
  instances(): number
  /** Knows the instance and has nothing of it: what the ledger holds of it then is overlooked. */
  isIdle(instance: string): boolean
  /** Messages that lack nothing but a free slot. */
  due(): number
  /** For how long the first message that could go has not left, ms; 0 when there is none. */
  oldestDueMs(): number
  /** Since when a message that is under way could go, by the store's clock, ms; undefined of what was claimed elsewhere. */
  dueSince(messageId: string): number | undefined
}> &
  Pick<Carrier, 'turnAway' | 'isHeld' | 'inFlight' | 'idle'>

export type DispatcherParts = Readonly<{
  ledger: Pick<Ledger, 'load'>
  clock: Clock
  /** Name of the Evolution server that an instance is at. */
  serverOf(instance: string): string
  /** Per Evolution server. */
  maxInFlight: number
  instanceInFlight: number
  /** Rows that one instance may hold in memory at most, if fewer than usual. */
  windowRowsMax?: number | undefined
  deliver: Parameters<typeof createLines>[0]['deliver']
  /** Finds out what became of a row that some process had claimed. */
  settle(row: LaneRow): Promise<DeliveryResult>
  /** May this process begin sends at all (not stopping, not rebalancing, database writable)? */
  isOpen(): boolean
  isStopping(): boolean
  owns(instance: string): boolean
  /** May this instance send, as far as its gate and pause go? */
  mayDispatch(instance: string): boolean
  paces: Pick<Paces, 'of' | 'close'>
  insertingFrom: Parameters<typeof createLoader>[0]['insertingFrom']
  /** The ledger surely holds nothing of an instance that is not in memory. */
  isPartitionLoaded(instance: string): boolean
  onError(error: unknown): void
}>

/**
 * Decides who goes next: for each Evolution server round-robin over its instances, inside an instance over its ready lanes
 * by priority, one message per lane at a time. Every step costs the same however much waits.
 */
export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { clock } = parts
  const lines = createLines({ ...parts, deliver: (row, steps) => surely(parts, parts.deliver(row, steps)) })
  const rowsMax = () => Math.min(windowRows(queues.size()), parts.windowRowsMax ?? Number.POSITIVE_INFINITY)
  const loader = createLoader({ ...parts, rowsMax, onRow: (queue, lane) => arm(queue, lane) })
  const refills = createRefills({
    ...parts,
    loader,
    rowsMax,
    onLoaded: (queue) => {
      for (const lane of queue.lanes.values()) arm(queue, lane)
      evaluate(queue)
    },
  })
  const queues = createQueues({
    ...parts,
    onNew: refills.refill,
    onDropped: (queue) => {
      refills.forget(queue)
      parts.paces.close(queue.name)
    },
  })
  const strangers = createStrangers({
    ...parts,
    rowsMax,
    refills,
    arm: (queue, lane) => arm(queue, lane),
  })
  const dueTimes = createDueTimes(clock)
  let pumpScheduled = false

  /** Lists a lane whose first row may go, or sets the alarm for when it may. */
  const arm = (queue: InstanceQueue, lane: Lane): void => {
    const head = lane.rows[0]
    if (queue.dropped || lane.listed !== undefined || lane.busy !== undefined || head === undefined) return
    if (head.status === 'sending' || lines.isHeld(head.id)) {
      void adopt(queue, lane, head)
      return
    }
    const now = clock.storeNow()
    const until = strangers.until(queue, lane)
    dueTimes.head(lane, head, until, now)
    if (until <= now) {
      unpark(queue, lane)
      refills.topUp(queue, lane)
      listLane(queue.ready, lane)
      evaluate(queue)
      return
    }
    if (until === Number.POSITIVE_INFINITY) return
    if (until - now > PARK_FROM_MS && strangers.park(queue, lane) === 'left') return
    setAlarm(lane, until - now + 2, () => arm(queue, lane))
  }

  const paceMs = (queue: InstanceQueue): number => parts.paces.of(queue.name)?.waitMs() ?? 0

  /** Puts an instance that may send into the ring, or sets the alarm for when its pace lets it. */
  const evaluate = (queue: InstanceQueue): void => {
    if (queue.ringed || !isEligible(queue)) return
    const waitMs = paceMs(queue)
    if (waitMs > 0) {
      dueTimes.paced(queue, waitMs)
      setAlarm(queue, waitMs, () => evaluate(queue))
      return
    }
    if (!dueTimes.letBy(queue, parts.mayDispatch(queue.name))) return
    queue.ringed = true
    lines.of(queue.name).ring.push(queue)
    schedulePump()
  }

  const isEligible = (queue: InstanceQueue): boolean => lacksNothingItself(queue, parts.instanceInFlight)

  const schedulePump = (): void => {
    if (pumpScheduled) return
    pumpScheduled = true
    setImmediate(pump)
  }

  const pump = (): void => {
    pumpScheduled = false
    for (const line of lines.all()) pumpLine(line)
  }

  const pumpLine = ({ ring, carrier }: Line): void => {
    while (carrier.hasRoom() && parts.isOpen()) {
      const queue = ring.shift()
      if (queue === undefined) return
      queue.ringed = false
      if (isEligible(queue) && paceMs(queue) === 0 && parts.mayDispatch(queue.name)) select(queue)
      evaluate(queue)
    }
  }

  const select = (queue: InstanceQueue): void => {
    const lane = takeLane(queue.ready)
    const row = lane?.rows[0]
    if (lane === undefined || row === undefined) return
    const now = clock.storeNow()
    if (isLaneReady(lane, now) && strangers.until(queue, lane) <= now) void carry(queue, lane, row)
    else arm(queue, lane)
  }

  const carry = async (queue: InstanceQueue, lane: Lane, row: LaneRow): Promise<void> => {
    lane.busy = row
    dueTimes.begin(queue, lane, row)
    const { generation } = queue
    const pacer = parts.paces.of(queue.name)
    pacer?.take(row.to)
    queue.inFlight += 1
    const { result, begun } = await lines.of(queue.name).carrier.carry(row, () => {
      queue.inFlight -= 1
      evaluate(queue)
      schedulePump()
    })
    if (!begun) pacer?.giveBack(row.to)
    finish(queue, lane, { row, result, generation })
    evaluate(queue)
  }

  /**
   * A row that was claimed before it came into memory, also by this process before it lost the instance, blocks its lane
   * until it is known what became of it.
   */
  const adopt = async (queue: InstanceQueue, lane: Lane, row: LaneRow): Promise<void> => {
    lane.busy = row
    const { generation } = queue
    finish(queue, lane, { row, result: await surely(parts, parts.settle(row)), generation })
  }

  const finish = (
    queue: InstanceQueue,
    lane: Lane,
    ended: Readonly<{ row: LaneRow; result: DeliveryResult; generation: number }>,
  ): void => {
    const { row, result, generation } = ended
    dueTimes.end(lane, row, result.kind === 'ended')
    if (result.kind === 'left') return
    if (result.kind === 'ended') finishHead(queue, lane, row, generation)
    else lane.busy = undefined
    if (result.kind === 'waits') replaceHead(queue, lane, result.row)
    if (queue.dropped) return
    if (result.kind === 'changed' || (result.kind === 'ended' && strangers.areToBeRead(queue, lane))) {
      refills.reload(queue)
    } else {
      arm(queue, lane)
      refills.topUp(queue, lane)
    }
  }

  return {
    offer: (rows) => {
      for (const row of rows) {
        const queue = queues.of(row.instance)
        const lane = offerRow(queue, row, rowsMax())
        if (lane === 'passed') refills.reload(queue)
        else if (lane !== 'left') arm(queue, lane)
        else if (queue.state === 'live') refills.topUp(queue, queue.lanes.get(row.to))
      }
    },
    take: (instance) => void queues.of(instance),
    dropForeign: () => queues.keep(parts.owns),
    dropAll: () => queues.keep(() => false),
    reload: (instance) => {
      if (parts.owns(instance)) refills.reload(queues.of(instance))
    },
    look: (instance) => {
      const looked = instance === undefined ? queues.all() : [queues.get(instance)]
      for (const queue of looked) {
        if (queue === undefined) continue
        if (instance !== undefined) for (const lane of queue.lanes.values()) arm(queue, lane)
        strangers.look(queue)
        evaluate(queue)
      }
      schedulePump()
    },
    instances: queues.size,
    isIdle: (instance) => isIdle(queues.get(instance)),
    due: () => queues.all().reduce((due, queue) => due + dueOf(queue, parts.paces), 0),
    oldestDueMs: () => dueTimes.oldestMs(queues.all()),
    dueSince: dueTimes.of,
    turnAway: lines.turnAway,
    isHeld: lines.isHeld,
    inFlight: lines.inFlight,
    idle: lines.idle,
  }
}

/** The gate is asked apart and last: on trial it lets through whoever asks, who then must lack nothing else. */
function lacksNothingItself({ dropped, state, ready, inFlight }: InstanceQueue, inFlightMax: number): boolean {
  return !dropped && state === 'live' && ready.size > 0 && inFlight < inFlightMax
}

function setAlarm(waiting: { timer: NodeJS.Timeout | undefined }, ms: number, ring: () => void): void {
  clearTimeout(waiting.timer)
  waiting.timer = setTimeout(ring, Math.min(ms, ALARM_MAX_MS))
}

function isIdle(queue: InstanceQueue | undefined): boolean {
  return (
    queue?.state === 'live' &&
    !queue.refilling &&
    queue.rowsHeld === 0 &&
    queue.parked === 0 &&
    queue.asideSince === undefined
  )
}

/** Messages of an instance that could go now: those that pace will let go only later wait for no slot. */
function dueOf({ name, ringed, ready }: InstanceQueue, paces: Pick<Paces, 'of'>): number {
  return ringed ? Math.min(ready.size, paces.of(name)?.room() ?? Number.POSITIVE_INFINITY) : 0
}

function surely(
  { onError, isStopping }: Pick<DispatcherParts, 'onError' | 'isStopping'>,
  work: Promise<DeliveryResult>,
): Promise<DeliveryResult> {
  return work.catch((error: unknown) => {
    onError(error)
    return { kind: isStopping() ? 'left' : 'changed' }
  })
}
