import type { LaneRow, Ledger } from '@whatsapp-sender/store'
import type { DeliveryResult, DeliverySteps } from '../delivery/deliver-message.ts'
import type { Clock } from './clock.ts'
import { finishHead, forgetRows, type InstanceQueue, newInstanceQueue, offerRow, windowRows } from './instance-queue.ts'
import { isLaneReady, LANE_ROWS_MAX, type Lane } from './lane.ts'
import { createLoader } from './loader.ts'
import { createRateMeter } from './rate-meter.ts'
import { createRing } from './ring.ts'
import { createSlots } from './slots.ts'
import type { TokenBucket } from './token-bucket.ts'

/** How far claims may run ahead of free slots, so that no slot starves while a claim flies. */
const CLAIM_AHEAD_MS = 50
const CLAIM_AHEAD_MIN = 8
const LOADS_AT_ONCE = 8
const RELOAD_EVERY_MS = 1000
const LOAD_RETRY_MS = 500

export type Dispatcher = Readonly<{
  /** Rows that an insert has just made, in order. */
  offer(rows: readonly LaneRow[]): void
  /** Brings into memory what the ledger holds for an instance that this process owns from now on. */
  take(instance: string): void
  /** Forgets every instance that `owns` no longer claims. What is in flight ends by itself. */
  dropForeign(): void
  dropAll(): void
  /** Reads an instance anew: something in it changed behind the dispatcher's back. */
  reload(instance: string): void
  /** Something that held an instance (or all) may have gone: gate, pause, pace. */
  look(instance?: string): void
  /** This process works on the message right now. */
  isHeld(messageId: string): boolean
  instances(): string[]
  /** Messages that lack nothing but a free slot. */
  due(): number
  inFlight(): number
  /** Resolves when nothing is selected, claimed or in flight. */
  idle(): Promise<void>
}>

export type DispatcherParts = Readonly<{
  ledger: Pick<Ledger, 'load'>
  clock: Clock
  maxInFlight: number
  instanceInFlight: number
  deliver(row: LaneRow, steps: DeliverySteps): Promise<DeliveryResult>
  /** Finds out what became of a row that some process had claimed. */
  settle(row: LaneRow): Promise<DeliveryResult>
  /** May this process begin sends at all (not stopping, not rebalancing, database writable)? */
  isOpen(): boolean
  owns(instance: string): boolean
  /** May this instance send, as far as its gate and pause go? */
  mayDispatch(instance: string): boolean
  newBucket(instance: string): TokenBucket
  insertingFrom: Parameters<typeof createLoader>[0]['insertingFrom']
  /** The ledger surely holds nothing of an instance that is not in memory. */
  isPartitionLoaded(instance: string): boolean
  onError(error: unknown): void
}>

/**
 * Decides who goes next: round-robin over instances, inside an instance over its ready lanes, one message per lane at a
 * time. Every step costs the same however much waits.
 */
export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { clock, maxInFlight, instanceInFlight } = parts
  const queues = new Map<string, InstanceQueue>()
  const ring = createRing<InstanceQueue>()
  const slots = createSlots(maxInFlight)
  const loads = createSlots(LOADS_AT_ONCE)
  const answered = createRateMeter()
  const held = new Set<string>()
  let unstarted = 0
  let underway = 0
  const idleListeners: (() => void)[] = []

  const rowsMax = () => windowRows(queues.size)
  const loader = createLoader({
    ledger: parts.ledger,
    insertingFrom: parts.insertingFrom,
    rowsMax,
    onRow: (queue, lane) => arm(queue, lane),
  })

  /** Lists a lane whose first row may go, or sets the alarm for when it may. */
  const arm = (queue: InstanceQueue, lane: Lane): void => {
    const head = lane.rows[0]
    if (queue.dropped || lane.listed || lane.busy !== undefined || head === undefined) return
    if (head.status === 'sending') return void adopt(queue, lane, head)
    const now = clock.storeNow()
    if (isLaneReady(lane, now)) {
      lane.listed = true
      queue.ready.push(lane)
      evaluate(queue)
      return
    }
    clearTimeout(lane.timer)
    lane.timer = setTimeout(() => arm(queue, lane), Math.min(lane.blockedUntil - now + 2, 60_000))
  }

  /** Puts an instance that may send into the ring, or sets the alarm for when its pace lets it. */
  const evaluate = (queue: InstanceQueue): void => {
    if (queue.ringed || !isEligible(queue)) return
    const waitMs = queue.bucket.waitMs(clock.monotonic())
    if (waitMs > 0) {
      clearTimeout(queue.timer)
      queue.timer = setTimeout(() => evaluate(queue), waitMs)
      return
    }
    queue.ringed = true
    ring.push(queue)
    schedulePump()
  }

  const isEligible = (queue: InstanceQueue): boolean =>
    !queue.dropped &&
    queue.state === 'live' &&
    queue.ready.length > 0 &&
    queue.inFlight < instanceInFlight &&
    parts.mayDispatch(queue.name)

  let pumpScheduled = false
  const schedulePump = (): void => {
    if (pumpScheduled) return
    pumpScheduled = true
    setImmediate(pump)
  }

  const pump = (): void => {
    pumpScheduled = false
    while (hasRoom() && parts.isOpen()) {
      const queue = ring.shift()
      if (queue === undefined) return
      queue.ringed = false
      if (isEligible(queue) && queue.bucket.waitMs(clock.monotonic()) === 0) select(queue)
      evaluate(queue)
    }
  }

  const hasRoom = (): boolean => {
    const ahead = Math.ceil((answered.perSecond(clock.monotonic()) * CLAIM_AHEAD_MS) / 1000)
    return unstarted + slots.inUse() < maxInFlight + Math.max(CLAIM_AHEAD_MIN, ahead)
  }

  const select = (queue: InstanceQueue): void => {
    const lane = queue.ready.shift()
    const row = lane?.rows[0]
    if (lane === undefined || row === undefined) return
    lane.listed = false
    if (!isLaneReady(lane, clock.storeNow())) return arm(queue, lane)
    lane.busy = row
    queue.bucket.take(clock.monotonic())
    void carry(queue, lane, row)
  }

  /** A row that was claimed before it came into memory blocks its lane until it is known what became of it. */
  const adopt = async (queue: InstanceQueue, lane: Lane, row: LaneRow): Promise<void> => {
    lane.busy = row
    finish(queue, lane, row, await guarded(parts.settle(row)))
  }

  const guarded = async (work: Promise<DeliveryResult>): Promise<DeliveryResult> => {
    try {
      return await work
    } catch (error) {
      parts.onError(error)
      return { kind: 'changed' }
    }
  }

  const carry = async (queue: InstanceQueue, lane: Lane, row: LaneRow): Promise<void> => {
    queue.inFlight += 1
    unstarted += 1
    underway += 1
    let state: 'selected' | 'open' | 'answered' = 'selected'
    const steps: DeliverySteps = {
      begun: false,
      slot: async () => {
        await slots.take()
        if (state === 'selected') unstarted -= 1
        state = 'open'
      },
      answered: () => {
        if (state === 'answered') return
        if (state === 'open') slots.free()
        else unstarted -= 1
        state = 'answered'
        answered.mark(clock.monotonic())
        queue.inFlight -= 1
        evaluate(queue)
        schedulePump()
      },
    }
    held.add(row.id)
    const result = await guarded(parts.deliver(row, steps))
    held.delete(row.id)
    steps.answered()
    underway -= 1
    if (!steps.begun) queue.bucket.giveBack()
    finish(queue, lane, row, result)
    if (underway === 0) for (const listener of idleListeners.splice(0)) listener()
  }

  const finish = (queue: InstanceQueue, lane: Lane, row: LaneRow, result: DeliveryResult): void => {
    if (result.kind === 'ended') finishHead(queue, lane, row)
    else lane.busy = undefined
    if (result.kind === 'waits' && lane.rows[0]?.id === row.id) {
      lane.rows[0] = result.row
      lane.blockedUntil = result.row.nextAttemptAt ?? 0
    }
    if (queue.dropped) return
    if (result.kind === 'changed') reload(queue.name)
    arm(queue, lane)
    topUp(queue, lane)
  }

  const topUp = (queue: InstanceQueue, lane?: Lane): void => {
    if (lane?.more && !lane.refilling && lane.rows.length < LANE_ROWS_MAX / 2) {
      lane.refilling = true
      void load(queue, () => loader.refillLane(queue, lane)).finally(() => {
        lane.refilling = false
      })
    }
    if (queue.more && !queue.refilling && queue.rowsHeld <= rowsMax() / 2) refill(queue)
  }

  const refill = (queue: InstanceQueue): void => {
    if (queue.refilling) return
    queue.refilling = true
    const { generation } = queue
    void load(queue, () => loader.refill(queue)).finally(() => {
      queue.refilling = false
      if (queue.dropped) return
      if (queue.generation !== generation || queue.state === 'loading') return refill(queue)
      for (const lane of queue.lanes.values()) arm(queue, lane)
      evaluate(queue)
      if (queue.more && queue.offered && queue.rowsHeld <= rowsMax() / 2) refill(queue)
    })
  }

  /** A database that is away only makes a load wait. */
  const load = async (queue: InstanceQueue, read: () => Promise<void>): Promise<void> => {
    await loads.take()
    try {
      if (!queue.dropped) await read()
    } catch (error) {
      parts.onError(error)
      await new Promise((resolve) => setTimeout(resolve, LOAD_RETRY_MS))
    } finally {
      loads.free()
    }
  }

  const queueOf = (instance: string): InstanceQueue => {
    const known = queues.get(instance)
    if (known !== undefined) return known
    const queue = newInstanceQueue(instance, parts.newBucket(instance))
    queues.set(instance, queue)
    if (parts.isPartitionLoaded(instance)) {
      queue.state = 'live'
      queue.more = false
    } else refill(queue)
    return queue
  }

  const reloads = new Map<string, number>()
  const reload = (instance: string): void => {
    const queue = queues.get(instance)
    if (queue === undefined) return
    const now = clock.monotonic()
    const next = (reloads.get(instance) ?? Number.NEGATIVE_INFINITY) + RELOAD_EVERY_MS
    if (next > now) {
      queue.state = 'loading'
      if (reloadTimers.has(instance)) return
      reloadTimers.set(
        instance,
        setTimeout(() => {
          reloadTimers.delete(instance)
          reload(instance)
        }, next - now),
      )
      return
    }
    reloads.set(instance, now)
    forgetRows(queue)
    refill(queue)
  }
  const reloadTimers = new Map<string, NodeJS.Timeout>()

  const drop = (queue: InstanceQueue): void => {
    queue.dropped = true
    queues.delete(queue.name)
    reloads.delete(queue.name)
    clearTimeout(queue.timer)
    clearTimeout(reloadTimers.get(queue.name))
    reloadTimers.delete(queue.name)
    for (const lane of queue.lanes.values()) clearTimeout(lane.timer)
  }

  return {
    offer: (rows) => {
      for (const row of rows) {
        const queue = queueOf(row.instance)
        const lane = offerRow(queue, row, rowsMax())
        if (lane !== undefined) arm(queue, lane)
        else if (queue.state === 'live') topUp(queue, queue.lanes.get(row.to))
      }
    },
    take: (instance) => void queueOf(instance),
    dropForeign: () => {
      for (const queue of [...queues.values()]) if (!parts.owns(queue.name)) drop(queue)
    },
    dropAll: () => {
      for (const queue of [...queues.values()]) drop(queue)
    },
    reload,
    look: (instance) => {
      const looked = instance === undefined ? [...queues.values()] : [queues.get(instance)]
      for (const queue of looked) if (queue !== undefined) evaluate(queue)
      schedulePump()
    },
    isHeld: (messageId) => held.has(messageId),
    instances: () => [...queues.keys()],
    due: () => {
      let due = 0
      for (const queue of queues.values()) if (queue.ringed) due += queue.ready.length
      return due
    },
    inFlight: () => slots.inUse(),
    idle: async () => {
      if (underway > 0) await new Promise<void>((resolve) => idleListeners.push(resolve))
    },
  }
}
