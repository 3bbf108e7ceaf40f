/**
 * Many callers, one `sendBatch` in flight: what waits while a batch flies becomes the next batch, in order. A lone record
 * leaves at once; under load a batch leaves no sooner than a moment after the one before, so that it grows: a batch costs
 * as much as dozens of records, here and in the broker.
 *
 * kafkajs' idempotent producer can acknowledge records it never wrote when sends overlap, or when it is used again after
 * a failed send. So a connection with a failed or overdue send is retired and a new one is made.
 */
import { fullJitterMs } from '@whatsapp-sender/service-runtime'
import { type InTime, inTime } from '../in-time.ts'

/**
 * - `published`: the broker has it
 * - `overloaded`, `unavailable`: refused before it was sent; certainly not in the log
 * - `unknown`: it may be in the log
 */
export type PublishOutcome = 'published' | 'overloaded' | 'unavailable' | 'unknown'

export type KeyedRecord = Readonly<{ key: string; value: Buffer; headers: Readonly<Record<string, string>> }>

export type ProducerConnection = Readonly<{
  connect(): Promise<void>
  /** Resolves when all in-sync replicas have every record. */
  sendBatch(records: readonly KeyedRecord[]): Promise<void>
  disconnect(): Promise<void>
}>

export type GroupCommitProducer = Readonly<{
  name: string
  /** Resolves at once; the connection is made in the background and made again whenever it is lost. */
  start(): Promise<void>
  /** Sends what waits, then disconnects. */
  stop(): Promise<void>
  isConnected(): boolean
  publish(record: KeyedRecord): Promise<PublishOutcome>
  /** Together, in as few batches as they fit into; the outcomes in their order. What the queue has no room for is refused, the last first. */
  publishAll(records: readonly KeyedRecord[]): Promise<readonly PublishOutcome[]>
}>

export type GroupCommitLimits = Readonly<{
  batchRecordsMax: number
  batchBytesMax: number
  /** From the leaving of one batch to that of the next, at least. */
  batchSpacingMs: number
  waitingMax: number
  /** How long a record may wait for its batch to leave. */
  waitMsMax: number
  /** How long after entering the queue the broker may take to answer. */
  deadlineMs: number
}>

const DEFAULT_LIMITS: GroupCommitLimits = {
  batchRecordsMax: 500,
  batchBytesMax: 512 * 1024,
  batchSpacingMs: 2,
  waitingMax: 5000,
  waitMsMax: 2000,
  deadlineMs: 10_000,
}

export type GroupCommitOptions = Readonly<{
  name: string
  createConnection(): ProducerConnection
  limits?: GroupCommitLimits
  onBatch?(batch: { records: number; seconds: number; outcome: 'published' | 'unknown' }): void
  onConnectionLost?(err: unknown): void
  /** Milliseconds that never go back. */
  now?(): number
}>

export function createGroupCommitProducer(o: GroupCommitOptions): GroupCommitProducer {
  const { limits = DEFAULT_LIMITS, now = () => performance.now() } = o
  const waiting = new WaitingRecords(limits)
  let connection: ProducerConnection | undefined
  let flight: { startedAt: number } | undefined
  let lastLeftAt = Number.NEGATIVE_INFINITY
  let spacing: NodeJS.Timeout | undefined
  let sweep: NodeJS.Timeout | undefined
  let stopping = false
  let wake: (() => void) | undefined

  function publish(record: KeyedRecord): Promise<PublishOutcome> {
    const refusal = refusalNow()
    if (refusal !== undefined) return Promise.resolve(refusal)
    return new Promise((resolve) => {
      waiting.push({ record, enteredAt: now(), resolve })
      sendSoon()
    })
  }

  function publishAll(records: readonly KeyedRecord[]): Promise<readonly PublishOutcome[]> {
    const refusal = refusalNow()
    const outcomes: PublishOutcome[] = records.map(() => refusal ?? 'overloaded')
    const taken = refusal === undefined ? records.slice(0, limits.waitingMax - waiting.length) : []
    if (taken.length === 0) return Promise.resolve(outcomes)
    return new Promise((resolveAll) => {
      let open = taken.length
      const enteredAt = now()
      for (const [index, record] of taken.entries()) {
        const resolve = (outcome: PublishOutcome) => {
          outcomes[index] = outcome
          open -= 1
          if (open === 0) resolveAll(outcomes)
        }
        waiting.push({ record, enteredAt, resolve })
      }
      sendSoon()
    })
  }

  function refusalNow(): 'unavailable' | 'overloaded' | undefined {
    if (stopping || connection === undefined) return 'unavailable'
    // A broker that has been silent this long would keep the record waiting beyond its limit.
    const isStalled = flight !== undefined && now() - flight.startedAt > limits.waitMsMax
    return isStalled || waiting.length >= limits.waitingMax ? 'overloaded' : undefined
  }

  function sendSoon(): void {
    sweep ??= setInterval(refuseOverdue, limits.waitMsMax / 20).unref()
    sendNext()
  }

  function sendNext(): void {
    if (flight !== undefined || connection === undefined || spacing !== undefined) return
    const tooSoonMs = lastLeftAt + limits.batchSpacingMs - now()
    if (tooSoonMs > 0 && waiting.length > 0 && waiting.length < limits.batchRecordsMax) {
      sendLater(tooSoonMs)
      return
    }
    const batch = waiting.takeBatch(now())
    if (batch.length > 0) void fly(connection, batch)
    else if (waiting.length === 0) idle()
  }

  function sendLater(delayMs: number): void {
    spacing = setTimeout(() => {
      spacing = undefined
      sendNext()
    }, delayMs)
  }

  async function fly(over: ProducerConnection, batch: readonly Waiting[]): Promise<void> {
    flight = { startedAt: now() }
    const { startedAt } = flight
    lastLeftAt = startedAt
    const deadlineAt = (batch[0]?.enteredAt ?? startedAt) + limits.deadlineMs
    const sent = await inTime(over.sendBatch(batch.map(({ record }) => record)), deadlineAt - startedAt)
    const outcome = sent.kind === 'done' ? 'published' : 'unknown'
    for (const { resolve } of batch) resolve(outcome)
    o.onBatch?.({ records: batch.length, seconds: (now() - startedAt) / 1000, outcome })
    flight = undefined
    if (sent.kind !== 'done') retire(over, causeOf(sent))
    sendNext()
  }

  function retire(over: ProducerConnection, err: unknown): void {
    connection = undefined
    o.onConnectionLost?.(err)
    over.disconnect().catch(() => {})
    if (!stopping) void connectUntilDone()
  }

  async function connectUntilDone(): Promise<void> {
    for (let attempt = 1; !stopping; attempt++) {
      const candidate = o.createConnection()
      const connected = await inTime(candidate.connect(), limits.deadlineMs)
      if (connected.kind === 'done') {
        if (stopping) return void candidate.disconnect().catch(() => {})
        connection = candidate
        return sendNext()
      }
      o.onConnectionLost?.(causeOf(connected))
      candidate.disconnect().catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, fullJitterMs({ attempt, baseMs: 200, capMs: 3000 })).unref())
    }
  }

  function refuseOverdue(): void {
    waiting.refuseOverdue(now())
    if (waiting.length === 0 && flight === undefined) idle()
  }

  function idle(): void {
    clearInterval(sweep)
    sweep = undefined
    wake?.()
  }

  async function stop(): Promise<void> {
    stopping = true
    if (flight !== undefined || waiting.length > 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    await connection?.disconnect()
    connection = undefined
  }

  return {
    name: o.name,
    start: async () => void connectUntilDone(),
    stop,
    isConnected: () => connection !== undefined,
    publish,
    publishAll,
  }
}

type Waiting = Readonly<{ record: KeyedRecord; enteredAt: number; resolve(outcome: PublishOutcome): void }>

/** First in, first out, without moving what stays when the head leaves. */
class WaitingRecords {
  readonly #limits: GroupCommitLimits
  #records: Waiting[] = []
  #head = 0

  constructor(limits: GroupCommitLimits) {
    this.#limits = limits
  }

  get length(): number {
    return this.#records.length - this.#head
  }

  push(entry: Waiting): void {
    this.#records.push(entry)
  }

  takeBatch(now: number): readonly Waiting[] {
    this.refuseOverdue(now)
    const from = this.#head
    for (let bytes = 0; this.#head - from < this.#limits.batchRecordsMax; this.#head++) {
      const next = this.#records[this.#head]
      if (next === undefined) break
      bytes += sizeOf(next.record)
      if (bytes > this.#limits.batchBytesMax && this.#head > from) break
    }
    const batch = this.#records.slice(from, this.#head)
    this.#compact()
    return batch
  }

  refuseOverdue(now: number): void {
    for (;;) {
      const oldest = this.#records[this.#head]
      if (oldest === undefined || now - oldest.enteredAt <= this.#limits.waitMsMax) break
      this.#head++
      oldest.resolve('overloaded')
    }
    this.#compact()
  }

  #compact(): void {
    if (this.#head < 1024 && this.#head < this.#records.length) return
    this.#records = this.#records.slice(this.#head)
    this.#head = 0
  }
}

/** Record overhead on the wire included, generously. */
function sizeOf({ key, value, headers }: KeyedRecord): number {
  let size = key.length + value.length + 64
  for (const name in headers) size += name.length + (headers[name]?.length ?? 0) + 4
  return size
}

function causeOf(result: Exclude<InTime<unknown>, { kind: 'done' }>): unknown {
  return result.kind === 'failed' ? result.error : new Error('no answer from Kafka in time')
}
