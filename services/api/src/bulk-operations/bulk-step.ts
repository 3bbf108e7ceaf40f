import type { BulkChange, BulkOrder, HeldBulkOperation, Ledger } from '@whatsapp-sender/store'
import { may } from '../permissions.ts'
import type { Step } from '../step-worker.ts'
import type { KnownUser } from '../users/known-users.ts'
import type { AuditBulk } from './audit-bulk.ts'

const CHUNK_ROWS = 500

/** Steps that fail in a row, a second and more apart, before it is given up. */
const FAILURES_MAX = 300

type Chunk = NonNullable<HeldBulkOperation['chunk']>

/**
 * The next bounded step: which messages come next, or what is to be done with them. That of an operation which cannot go
 * on ends it.
 */
export function createBulkStep(o: {
  ledger: Pick<Ledger, 'messagePlaces' | 'deadLetterPlaces' | 'cancelThese' | 'replayThese' | 'discardThese'>
  findUser(id: string): KnownUser | Promise<KnownUser>
  auditBulk: AuditBulk
  onFailed(err: unknown): void
}): (held: HeldBulkOperation) => Promise<Step<BulkChange>> {
  async function next(held: HeldBulkOperation): Promise<BulkChange> {
    const { order, chunk } = held
    if (order === undefined) return UNREADABLE
    if (chunk !== undefined) return await deal(held, order, chunk)
    if (!(await isAllowed(held.by, order))) return NOT_ALLOWED
    return { chunk: await find(order, held) }
  }

  /** He may have been rejected since, or have another role. */
  async function isAllowed(by: string, order: BulkOrder): Promise<boolean> {
    const user = await o.findUser(by)
    if (user === 'unavailable') throw new Error('it cannot be told whether the user may still do this')
    if (user === 'missing' || user.status !== 'approved') return false
    return may(user, 'messages:send') && (order.filter.user === by || may(user, 'messages:all'))
  }

  function find(order: BulkOrder, { place: after }: HeldBulkOperation): Promise<Chunk> {
    const page = { after, limit: CHUNK_ROWS }
    if (order.kind === 'cancel') return o.ledger.messagePlaces(order.filter, page)
    return o.ledger.deadLetterPlaces(order.filter, page)
  }

  async function deal(held: HeldBulkOperation, order: BulkOrder, chunk: Chunk): Promise<BulkChange> {
    const done = await act(order, chunk.ids, { by: held.by, operation: held.id })
    const { counts } = held
    return {
      counts: { seen: counts.seen + chunk.ids.length, done: counts.done + done },
      place: chunk.next,
      chunk: undefined,
      failures: 0,
      ...(chunk.next === undefined && { status: 'done' }),
    }
  }

  function act(order: BulkOrder, ids: Chunk['ids'], actor: Readonly<{ by: string; operation: string }>) {
    const { kind, filter } = order
    if (kind === 'cancel') return o.ledger.cancelThese(ids, { ...actor, user: filter.user })
    if (kind === 'discard') return o.ledger.discardThese(ids, { ...actor, filter })
    return o.ledger.replayThese(ids, { ...actor, filter, expiresAt: order.expiresAt })
  }

  return async (held) => {
    try {
      const change = await next(held)
      const isDone = change.status !== undefined
      if (isDone) await o.auditBulk(held, change.counts ?? held.counts)
      return { change, wait: false, isDone }
    } catch (err) {
      o.onFailed(err)
      const failures = held.failures + 1
      if (failures < FAILURES_MAX) return { change: { failures }, wait: true, isDone: false }
      await o.auditBulk(held, held.counts)
      return { change: GIVEN_UP, wait: false, isDone: true }
    }
  }
}

const UNREADABLE: BulkChange = {
  status: 'failed',
  reason: { code: 'unreadable', detail: 'The key that sealed the recipient is not there any more.' },
}

const NOT_ALLOWED: BulkChange = {
  status: 'failed',
  reason: { code: 'forbidden', detail: 'The user who ordered it may not do this any more.' },
}

const GIVEN_UP: BulkChange = {
  status: 'failed',
  reason: { code: 'unavailable', detail: 'It failed again and again. Order it once more.' },
}
