import { mock } from 'node:test'
import type { OrderKey } from '@whatsapp-sender/store'
import { createDispatcher } from '../../src/dispatch/dispatcher.ts'
import { laneRow } from './lane-row.ts'
import { turn } from './mocked-timers.ts'
import { NO_PACE } from './no-pace.ts'
import { createSimulatedLedger, type Row } from './simulated-ledger.ts'

/** One thing that happens: `pick` chooses among what can happen of its kind. */
export type Step = Readonly<{ kind: (typeof STEP_KINDS)[number]; pick: number }>

/** Named as often as each is to happen in relation to the others. */
export const STEP_KINDS = [
  ...(['insert', 'insert', 'proceed', 'proceed', 'proceed', 'proceed', 'proceed', 'proceed'] as const),
  ...(['answer', 'answer', 'answer', 'fail-read', 'rush', 'tick', 'older-row', 'handed-over'] as const),
] as const

/** Urgent ones stand behind many that are not. */
const PRIORITIES = ['bulk', 'normal', 'bulk', 'bulk', 'high'] as const
const INSTANCES = ['instance-0', 'instance-1'] as const

/**
 * The dispatcher over a ledger, a topic and a gateway that do one thing at a time, in the order a test gives. Timers are
 * the mocked ones of `node:test` until `close`.
 */
export function createSimulatedSystem({
  recipients,
  windowRowsMax,
}: Readonly<{ recipients: number; windowRowsMax?: number | undefined }>) {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
  let now = 1_000_000
  const ledger = createSimulatedLedger({ now: () => now })
  const { rows, pending, inFlight } = ledger
  const onTheirWay = new Map<string, OrderKey>()
  let offset = 100_000n
  let isInserting = false
  let isLoaded = true

  const dispatcher = createDispatcher({
    ledger,
    clock: { monotonic: () => now, wall: () => now, storeNow: () => now, adjust: () => {} },
    serverOf: () => 'default',
    maxInFlight: 8,
    instanceInFlight: 2,
    windowRowsMax,
    deliver: ledger.deliver,
    settle: (row) => ledger.settle(row, dispatcher.isHeld),
    isOpen: () => true,
    isStopping: () => false,
    owns: () => true,
    mayDispatch: () => true,
    paces: NO_PACE,
    insertingFrom: (instance) => onTheirWay.get(instance),
    isPartitionLoaded: () => isLoaded,
    onError: () => {},
  })

  const newRow = (pick: number, place: OrderKey, name = `${place.offset}`): Row => {
    const to = `+55119999910${String(Math.floor(pick / 2) % recipients).padStart(2, '0')}`
    const priority = PRIORITIES[Number(place.offset % 5n)] ?? 'bulk'
    const row = laneRow({ id: name, instance: INSTANCES[pick % 2] ?? '', to, priority, ...place })
    return { row, open: true, attempts: 0, sends: 0, orderly: true }
  }

  /** A batch of one instance, written, acknowledged and offered at three moments; its first write may be cut. */
  const insert = (pick: number): void => {
    if (isInserting) return
    isInserting = true
    const batch = Array.from({ length: 1 + (pick % 4) }, (_, n) => {
      offset += 1n
      return newRow(pick + n * 14, { appendedAt: now, offset })
    })
    const instance = INSTANCES[pick % 2] ?? ''
    const [first] = batch
    if (first !== undefined) onTheirWay.set(instance, first.row)
    const cutAt = pick % 5 === 0 ? Math.floor(batch.length / 2) : 0
    if (cutAt > 0) pending.push({ kind: 'insert', proceed: () => write(batch.slice(0, cutAt), () => {}) })
    const offer = (inserted: readonly Row[]): void => {
      isInserting = false
      dispatcher.offer(inserted.map(({ row }) => row))
      if (cutAt > 0) dispatcher.reload(instance)
    }
    pending.push({
      kind: 'insert',
      proceed: () => {
        write(batch.slice(0, cutAt), () => {})
        write(batch.slice(cutAt), (inserted) => {
          onTheirWay.delete(instance)
          pending.push({ kind: 'insert', proceed: () => offer(inserted) })
        })
      },
    })
  }

  const write = (batch: readonly Row[], acknowledge: (batch: readonly Row[]) => void): void => {
    for (const each of batch) if (!rows.has(each.row.id)) rows.set(each.row.id, each)
    pending.push({ kind: 'insert', proceed: () => acknowledge(batch) })
  }

  /** A row whose place is before what is in memory: a replay, or one that another process inserted. The sweep tells. */
  const insertOlder = (pick: number): void => {
    const older = newRow(pick, { appendedAt: 500, offset: BigInt(rows.size) }, `older-${rows.size}`)
    older.orderly = false
    rows.set(older.row.id, older)
    pending.push({ kind: 'insert', proceed: () => dispatcher.reload(older.row.instance) })
  }

  /** The group gave the partitions anew: everything is loaded from the ledger, and only then known to be loaded. */
  const handOver = (): void => {
    dispatcher.dropAll()
    isLoaded = false
    for (const name of INSTANCES) if (ledger.openRows(name).length > 0) dispatcher.take(name)
    isLoaded = true
  }

  const answerAll = (): void => {
    for (const each of inFlight.splice(0)) each.answer(true)
  }

  const settle = async (ms: number): Promise<void> => {
    await turn()
    now += ms
    mock.timers.tick(ms)
    await turn()
  }

  /** Evolution answers many calls while the ledger does nothing but claim. */
  const rush = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      answerAll()
      for (const claim of pending.filter(({ kind }) => kind === 'claim')) {
        pending.splice(pending.indexOf(claim), 1)
        claim.proceed()
      }
      await settle(0)
    }
  }

  const happenings: Record<Step['kind'], (pick: number) => void | Promise<void>> = {
    insert,
    rush: (pick) => rush(pick % 60),
    proceed: (pick) => pending.splice(pick % Math.max(1, pending.length), 1)[0]?.proceed(),
    answer: (pick) => inFlight.splice(pick % Math.max(1, inFlight.length), 1)[0]?.answer(pick % 6 !== 0),
    'fail-read': () => {
      const at = pending.findIndex(({ fail }) => fail !== undefined)
      if (at >= 0) pending.splice(at, 1)[0]?.fail?.()
    },
    tick: (pick) => settle(1 + (pick % 700)),
    'older-row': insertOlder,
    'handed-over': (pick) => {
      if (pick % 2 === 0) handOver()
    },
  }

  return {
    /** Rows that wait in the ledger before this process owns anything. */
    backlog: (count: number): void => {
      for (let n = 0; n < count; n++) {
        const recipient = Math.floor((n * recipients) / count) * 2
        const waiting = newRow(recipient + (n % 2), { appendedAt: 900, offset: BigInt(n) })
        rows.set(waiting.row.id, waiting)
      }
      handOver()
    },
    take: async ({ kind, pick }: Step): Promise<void> => {
      await happenings[kind](pick)
      await settle(0)
    },
    /** From here on everything answers; tells what is left open when nothing happens any more. */
    runDown: async (): Promise<string[]> => {
      let openBefore = 0
      for (let quietRounds = 0; quietRounds < 30; ) {
        for (const each of pending.splice(0)) each.proceed()
        answerAll()
        await settle(pending.length + inFlight.length > 0 ? 1 : 400)
        const open = [...rows.values()].filter((row) => row.open).length
        if (open + pending.length + inFlight.length === 0) return []
        quietRounds = open === openBefore ? quietRounds + 1 : 0
        openBefore = open
      }
      return [...rows.values()].filter(({ open }) => open).map(({ row }) => row.id)
    },
    faults: ledger.faults,
    notSentOnce: () => [...rows.values()].filter(({ sends }) => sends !== 1).map(({ row }) => row.id),
    /** First attempts of each lane, in the order in which they were made. */
    lanes: () =>
      Map.groupBy(
        ledger.firstAttempts.filter(({ id }) => rows.get(id)?.orderly),
        ({ instance, to }) => `${instance} ${to}`,
      ),
    close: (): void => {
      dispatcher.dropAll()
      mock.timers.reset()
    },
  }
}
