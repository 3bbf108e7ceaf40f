import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { BulkOperation, MessageDocument } from '@whatsapp-sender/store'
import type { Client } from '../support/client.ts'
import { type System, startSystem } from '../support/system.ts'

const WAITING = 6000
const DEAD_LETTERS = 6000
const BATCH = 500
const ASYNC = { prefer: 'respond-async' }
/** What a dead process held is free a minute after its last sign of life. */
const LONG = { timeoutMs: 150_000, everyMs: 200 }
const FAST = { timeoutMs: 60_000, everyMs: 5 }

let system: System
let ana: Client
let user: string
before(async () => {
  system = await startSystem({ consumers: 0 })
  ana = system.admin
  user = (await ana.call<{ id: string }>('GET', '/v1/me')).body.id
  await fillDeadLetters()
  await ana.createInstance('sales', { perMinute: 60, burst: 1 })
  await system.startConsumer()
  await fillInstance()
})
after(async () => {
  await system?.stop()
})

test('orders for many messages whose API is killed while it works are gone on with by another, with none forgotten and none done twice', {
  timeout: 400_000,
}, async () => {
  const discard = await order('/v1/dead-letters/discard', { reason: 'not-on-whatsapp' })
  await killWithin(discard, DEAD_LETTERS)
  await system.startApi()
  // What the dead one was at is held in its name yet, and this one is free.
  const cancel = await order('/v1/messages/cancel', { instance: 'sales' })
  await killWithin(cancel, WAITING)
  await system.startApi()

  const discarded = await over(discard)
  assert.deepEqual([discarded.status, discarded.done, discarded.skipped], ['done', DEAD_LETTERS, 0])
  assert.equal(await countOf({ attention: 1 }), 0)
  assert.equal(await countOf({ 'actions.operation': discard }), DEAD_LETTERS)

  const cancelled = await over(cancel)
  assert.equal(cancelled.status, 'done')
  const taken = await rows().find({ status: 'cancelled' }).toArray()
  assert.equal(cancelled.done, taken.length)
  for (const { actions = [] } of taken) assert.deepEqual([actions.length, actions[0]?.operation], [1, cancel])

  await until('nothing waits', async () => ((await countOf({ open: 1 })) === 0 ? true : undefined), LONG)
  assert.equal(await countOf({ actions: { $exists: true } }), DEAD_LETTERS + taken.length)
  assert.equal(await countOf({ actions: { $size: 1 } }), DEAD_LETTERS + taken.length)
  const sent = (await system.gateway.journalOf('sales')).map(({ content }) => content)
  const texts = taken.flatMap(({ content }) => (content !== undefined && 'text' in content ? [content.text] : []))
  assert.deepEqual([...sent, ...texts].toSorted(), Array.from({ length: WAITING }, (_, n) => textOf(n)).toSorted())
})

const rows = () => system.store.db.collection<MessageDocument>('messages')
const countOf = (filter: object) => rows().countDocuments(filter)

async function order(path: string, body: object): Promise<string> {
  const answer = await ana.call<{ id: string }>('POST', path, body, ASYNC)
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.id
}

/** Ends the API that runs when something of an order is done that it has not written down yet, and more is left. */
async function killWithin(id: string, all: number): Promise<void> {
  const { pid, exited } = system.api()
  await until('it is at work', async () => ((await readOrder(id)).counts.done > 0 ? true : undefined), FAST)
  await until(
    'it is stopped between a change and its note',
    async () => {
      process.kill(pid, 'SIGSTOP')
      const [done, { counts }] = [await countWhenStill(id), await readOrder(id)]
      assert.ok(done < all, 'it was done before it could be stopped')
      if (done > counts.done) return true
      process.kill(pid, 'SIGCONT')
      return undefined
    },
    FAST,
  )
  process.kill(pid, 'SIGKILL')
  await exited
  assert.equal((await readOrder(id)).status, 'running')
}

/** What the database was asked for, it goes on with alone. */
async function countWhenStill(id: string): Promise<number> {
  let last = -1
  return await until(
    'no further change is made',
    async () => {
      const now = await countOf({ 'actions.operation': id })
      const isStill = now === last
      last = now
      return isStill ? now : undefined
    },
    { everyMs: 200 },
  )
}

async function readOrder(id: string): Promise<BulkOperation> {
  return (await system.store.bulkOperations.find({ id, by: user })) ?? assert.fail('the order is not there')
}

type OperationView = Readonly<{ status: string; done: number; skipped: number }>

/** The order, when it is over. */
function over(id: string): Promise<OperationView> {
  return until(
    'the order is over',
    async () => {
      // The API may just be starting.
      const seen = await ana.call<OperationView>('GET', `/v1/operations/${id}`).catch(() => undefined)
      return seen?.status === 200 && seen.body.status !== 'running' ? seen.body : undefined
    },
    LONG,
  )
}

/** As if many numbers had turned out to be none, before there was anybody to send. */
async function fillDeadLetters(): Promise<void> {
  const { ledger } = system.store
  const messages = Array.from({ length: DEAD_LETTERS }, (_, n) => ({
    record: {
      v: 1,
      id: randomUUID(),
      user,
      instance: 'gone',
      instanceId: 'gone',
      to: recipient(n),
      type: 'text',
      content: { text: 'olá' },
      bodyHash: 'a'.repeat(64),
      priority: 'normal',
      onAmbiguous: 'hold',
      acceptedAt: new Date().toISOString(),
    } as const,
    appendedAt: Date.now(),
    offset: BigInt(n),
    wake: false,
  }))
  await ledger.insert(messages, new Date())
  const ids = messages.map(({ record }) => record.id)
  const token = randomUUID()
  await ledger.claim({ ids, token, by: 'process' })
  const attempt = { number: 1, startedAt: new Date(), durationMs: 1, outcome: 'failed' } as const
  const reason = { code: 'not-on-whatsapp', detail: 'The number is not on WhatsApp.' }
  await ledger.recordOutcomes(
    ids.map((id) => ({ id, claim: token, counted: true, attempt, status: 'failed', reason }) as const),
  )
  assert.equal(await countOf({ attention: 1 }), DEAD_LETTERS)
}

/** More than it sends in an hour. */
async function fillInstance(): Promise<void> {
  for (let from = 0; from < WAITING; from += BATCH) {
    const messages = Array.from({ length: BATCH }, (_, n) => ({ to: recipient(from + n), text: textOf(from + n) }))
    const { status, body } = await ana.call('POST', '/v1/messages/batch', { instance: 'sales', messages })
    assert.equal(status, 202, JSON.stringify(body).slice(0, 500))
  }
  const areThere = async () => ((await countOf({ instance: 'sales' })) === WAITING ? true : undefined)
  await until('all wait in the ledger', areThere, LONG)
}

function textOf(n: number): string {
  return `row ${n}`
}

/** None whose last four digits mean trouble to the sandbox. */
function recipient(n: number): string {
  return `+55119${String(80_001_000 + n)}`
}
