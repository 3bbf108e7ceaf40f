import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import type { Client, MessageView } from '../support/client.ts'
import { type System, startSystem } from '../support/system.ts'

const SENT = ['sent', 'delivered', 'read']

let numbers = 0

let system: System
let ana: Client
before(async () => {
  // A message that failed once then waits for an hour or so: whatever goes on sooner goes on for another reason.
  system = await startSystem({ consumerEnv: { RETRY_BASE_MS: '3600000', RETRY_CAP_MS: '3600000' } })
  ana = system.admin
  for (const instance of ['sales', 'shut', 'closed', 'failing']) await ana.createInstance(instance)
  for (const instance of ['shut', 'closed']) await system.gateway.setState(instance, 'close')
  await system.gateway.program('failing', { status: 500, body: UNANSWERED_LOOK_UP })
  // From then on the consumer owns what it is to send in time.
  await ana.follow(await send({ to: number() }), SENT)
})
after(async () => {
  await system.stop()
})

const UNANSWERED_LOOK_UP = {
  status: 500,
  error: 'Internal Server Error',
  response: { message: "Cannot read properties of undefined (reading 'find')" },
}
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

test('a scheduled message leaves at its time and not before, and its neighbours do not wait for it', async () => {
  const sendAt = Date.now() + 4000
  const to = number()
  const later = await send({ to, text: 'later', sendAt: new Date(sendAt).toISOString() })
  const now = await send({ to, text: 'now' })
  await ana.follow(now, SENT)
  assert.equal((await view(later)).status, 'scheduled')
  await ana.follow(later, SENT)
  const journal = await journalOf(to)
  assert.deepEqual(
    journal.map(({ content }) => content),
    ['now', 'later'],
  )
  const lateMs = Date.parse(journal[1]?.at ?? '') - sendAt
  assert.ok(lateMs >= 0 && lateMs < 3000, `${lateMs} ms after its time`)
})

test('a scheduled message that is put off does not leave at its old time, and one brought forward leaves', async () => {
  const [off, forward] = [number(), number()]
  const putOff = await send({ to: off, sendAt: inMs(2000) })
  const broughtForward = await send({ to: forward, sendAt: inMs(3_600_000) })
  assert.equal((await ana.call('PATCH', `/v1/messages/${putOff}`, { sendAt: inMs(3_600_000) })).status, 200)
  assert.equal((await ana.call('PATCH', `/v1/messages/${broughtForward}`, { sendAt: null })).status, 200)
  await ana.follow(broughtForward, SENT)
  // This one is accepted later and due later than the old time of the other.
  const witness = await send({ to: number(), sendAt: inMs(2500) })
  await ana.follow(witness, SENT)
  assert.deepEqual(await journalOf(off), [])
  assert.equal((await view(putOff)).status, 'scheduled')
})

test('a message that waits for a shut instance expires by itself in time and is never sent', async () => {
  const to = number()
  const expiresAt = Date.now() + 2500
  const id = await send({ instance: 'shut', to, expiresAt: new Date(expiresAt).toISOString() })
  const other = await send({ instance: 'shut', to: number() })
  await ana.follow(id, ['expired'])
  assert.ok(Date.now() - expiresAt < 5000, `${Date.now() - expiresAt} ms after its time`)
  assert.equal((await view(other)).status, 'queued')
  await system.gateway.setState('shut', 'open')
  await ana.follow(other, SENT)
  assert.deepEqual(await journalOf(to), [])
})

test('a message that waits for its next attempt expires in time, and its lane goes on at once', async () => {
  const lane = { instance: 'failing', to: number() }
  const first = await send({ ...lane, expiresAt: inMs(4000) })
  const second = await send(lane)
  await untilRetrying(first)
  await ana.follow(first, ['expired'])
  await untilRetrying(second, 6000)
})

test('cancelling a message that holds its lane for a retry lets the next one go without delay', async () => {
  const lane = { instance: 'failing', to: number() }
  const first = await send(lane)
  const second = await send(lane)
  await untilRetrying(first)
  assert.equal((await view(second)).attempts.length, 0)
  const { status, body } = await ana.call<MessageView>('POST', `/v1/messages/${first}/cancel`)
  assert.deepEqual([status, body.status], [200, 'cancelled'])
  await untilRetrying(second, 6000)
  assert.equal((await view(first)).attempts.length, 1)
})

test('a message is cancelled and never sent, or sent: never both, and the next of its lane goes on at once', async () => {
  const pairs = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const to = number()
      const id = await send({ to })
      const next = await send({ to })
      const { status, body } = await ana.call<MessageView>('POST', `/v1/messages/${id}/cancel`)
      assert.ok(status === 200 || status === 409, `${status}`)
      if (status === 200) assert.equal(body.status, 'cancelled')
      await ana.follow(next, SENT, 15_000)
      return { id, to, isCancelled: status === 200 }
    }),
  )
  for (const { id, to, isCancelled } of pairs) {
    assert.equal((await journalOf(to)).length, isCancelled ? 1 : 2)
    if (!isCancelled) await ana.follow(id, SENT)
  }
})

test('a dead letter that is replayed many times at once is sent once, before those that wait after it', async () => {
  const to = number()
  const id = await send({ instance: 'closed', to, text: 'first' })
  await ana.follow(id, ['queued'])
  await deadLetter(id)
  const next = await send({ instance: 'closed', to, text: 'second' })
  const replays = await Promise.all(Array.from({ length: 5 }, () => ana.call('POST', `/v1/dead-letters/${id}/replay`)))
  assert.deepEqual(replays.filter(({ status }) => status === 200).length, 1)
  await system.gateway.setState('closed', 'open')
  await ana.follow(next, SENT)
  await ana.follow(id, SENT)
  assert.deepEqual(
    (await journalOf(to)).map(({ content }) => content),
    ['first', 'second'],
  )
})

/** Of somebody whose phone gives no trouble. */
function number(): string {
  numbers += 1
  return `+551198${String(numbers).padStart(3, '0')}1000`
}

async function send(more: Readonly<Record<string, unknown>>): Promise<string> {
  const body = { instance: 'sales', text: 'olá', ...more }
  const accepted = await ana.call<{ id: string }>('POST', '/v1/messages', body)
  assert.equal(accepted.status, 202, JSON.stringify(accepted.body))
  return accepted.body.id
}

async function view(id: string): Promise<MessageView> {
  return (await ana.getMessage(id)).body
}

async function journalOf(to: string) {
  return (await system.gateway.journal()).filter(({ number: each }) => `+${each}` === to)
}

async function untilRetrying(id: string, timeoutMs = 30_000): Promise<void> {
  const isRetrying = async () => ((await view(id)).attempts.length === 1 ? true : undefined)
  await until(`message ${id} waits for its next attempt`, isRetrying, { timeoutMs, everyMs: 100 })
}

/** As if its attempts were used up. */
async function deadLetter(id: string): Promise<void> {
  const rows = system.store.db.collection<MessageDocument>('messages')
  const set = {
    status: 'dead-lettered',
    attention: 1,
    failedAt: new Date(),
    expireAt: new Date(Date.now() + 1e8),
  } as const
  await rows.updateOne({ _id: id, status: 'queued' }, { $set: set, $unset: { open: 1 } })
}
