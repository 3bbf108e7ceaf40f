import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type System, startSystem } from '../support/system.ts'

const LEFT = ['sent', 'delivered', 'read']
const SILENCE_S = 13

let system: System
let consumer: Awaited<ReturnType<System['startConsumer']>>
before(async () => {
  system = await startSystem({ consumers: 0, env: { KAFKA_SESSION_TIMEOUT_MS: '8000' } })
  consumer = await system.startConsumer()
})
after(async () => {
  await system?.stop()
})

test('messages to one recipient keep their gap, and others pass', async () => {
  await create('gap', { perMinute: 0, burst: 1, recipientGapMs: 2500 })
  const ids = [...(await send('gap', ['a0', 'a1'], () => '+5511988880001')), ...(await send('gap', ['b0']))]
  await leave(ids)
  const [first, second] = await begunAt('gap', '5511988880001')
  assert.ok((second ?? 0) - (first ?? 0) >= 2500, `${(second ?? 0) - (first ?? 0)} ms`)
  const [other] = await begunAt('gap', numberOf('b0').slice(1))
  assert.ok((other ?? 0) < (second ?? 0))
})

test('after WhatsApp refused a new recipient only new ones wait, and those who are known go on', async () => {
  await create('strangers', { perMinute: 0, burst: 1, newContactsPerDay: 1000 })
  const known = () => '+5511988880002'
  await leave(await send('strangers', ['known 0'], known))
  const [refused = ''] = await send('strangers', ['refused'], () => '+5511999990463')
  assert.equal((await system.admin.follow(refused, ['failed'])).attempts.length, 1)
  const { id = '' } = (await system.store.instances.findByName('strangers')) ?? {}
  const account = await until('new recipients are paused', async () => {
    const found = (await system.store.paceAccounts.find([id])).get(id)
    return found?.newNotBefore === undefined ? undefined : found
  })
  assert.ok((account.newNotBefore ?? 0) > Date.now() + 5 * 3_600_000)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const waiting = await send('strangers', ['new 1', 'new 2', 'again'], (name) =>
    name === 'again' ? '+5511999990463' : numberOf(name),
  )
  await leave(await send('strangers', ['known 1'], known))
  for (const message of waiting) assert.equal((await system.admin.getMessage(message)).body.status, 'queued')
})

test('a consumer that is told to stop hands its pace over, and no second holds more for it', async () => {
  await create('steady', { perMinute: 300, burst: 4 })
  const ids = await send('steady', names('steady', 40))
  await leave(ids.slice(0, 8))
  const next = await system.startConsumer()
  await consumer.stop()
  consumer = next
  await leave(ids)
  const begun = await begunAt('steady')
  assert.equal(begun.length, 40)
  begun.forEach((from, index) => {
    const within = begun.slice(index).filter((at) => at < from + 1000).length
    assert.ok(within <= 5 + 4, `${within} in a second`)
  })
})

test('a silence and a cap hold over the death of the consumer that was told', async () => {
  await create('capped', { perMinute: 60, burst: 1, perDay: 6 })
  await create('silent', { perMinute: 0, burst: 1 })
  await send('capped', names('capped', 12))
  await until('some have left', async () => ((await begunAt('capped')).length >= 2 ? true : undefined))
  await system.gateway.program('silent', { status: 429, headers: { 'retry-after': String(SILENCE_S) }, times: 1 })
  const ids = await send('silent', names('silent', 3), () => '+5511988880003')
  const refused = await until('it is told to be silent', async () =>
    (await system.gateway.requests()).find(({ instance, status }) => instance === 'silent' && status === 429),
  )
  const { id = '' } = (await system.store.instances.findByName('silent')) ?? {}
  await until('the silence is kept', async () => (await system.store.paceAccounts.find([id])).get(id)?.notBefore)
  process.kill(consumer.pid, 'SIGKILL')
  await system.startConsumer()
  await leave(ids)

  const [first, ...others] = await begunAt('silent')
  const silentUntil = Date.parse(refused.answeredAt) + SILENCE_S * 1000
  assert.ok(others.length === 3 && first !== undefined)
  assert.ok(Math.min(...others) >= silentUntil, `${silentUntil - Math.min(...others)} ms too early`)
  assert.ok(Math.min(...others) < silentUntil + 10_000, 'and it goes on by itself')
  const counts = await system.store.db.collection('messages').distinct('attemptsCount', { instance: 'silent' })
  assert.deepEqual(counts, [1], 'no attempt is lost by it')
  await until('the cap is used up', async () => {
    const account = (await system.store.paceAccounts.find([(await idOf('capped')) ?? ''])).values().next().value
    return account?.reserved === 6 ? true : undefined
  })
  const sent = (await system.gateway.journalOf('capped')).length
  assert.ok(sent <= 6 && sent >= 5, `${sent} of 6`)
})

async function create(name: string, pace: unknown): Promise<void> {
  const { status, body } = await system.admin.call('POST', '/v1/instances', { name, pace })
  assert.equal(status, 201, JSON.stringify(body))
}

async function idOf(name: string): Promise<string | undefined> {
  return (await system.store.instances.findByName(name))?.id
}

function names(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name} ${n}`)
}

/** A recipient of its own for each text. */
function numberOf(name: string): string {
  const sum = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_000, 0)
  return `+551197${String(1_000_000 + sum * 100 + 11).padStart(7, '0')}`
}

async function send(instance: string, texts: readonly string[], to = numberOf): Promise<string[]> {
  const ids: string[] = []
  for (const text of texts) {
    const { status, body } = await system.admin.send(instance, to(text), text)
    assert.equal(status, 202, JSON.stringify(body))
    ids.push(body.id)
  }
  return ids
}

async function leave(ids: readonly string[]): Promise<void> {
  for (const id of ids) await system.admin.follow(id, LEFT)
}

/** When the gateway got requests of an instance, in their order. */
async function begunAt(name: string, number?: string): Promise<number[]> {
  const requests = await system.gateway.requests()
  return requests
    .filter((each) => each.instance === name && (number === undefined || each.number === number))
    .map(({ at }) => Date.parse(at))
    .toSorted((a, b) => a - b)
}
