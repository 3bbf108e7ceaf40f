import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageView } from '../../support/client.ts'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

/** What Evolution says when it fails for a reason nobody knows: an attempt that counts. */
const UNKNOWN_WORDS = { status: 500, body: { status: 500, error: 'x', response: { message: 'nobody knows' } } }
const LEFT = ['sent', 'delivered', 'read']

type InstanceView = Readonly<{
  state: string
  paused: boolean
  holding?: Readonly<{ reason: string; until?: string }>
  configurationError?: string
}>

let system: System
before(async () => {
  system = await sharedSystem()
  for (const name of ['down', 'well', 'strict', 'patient', 'paused', 'lost']) await system.admin.createInstance(name)
})

test('an instance that is not connected holds its messages without attempts, others go on, and it resumes by itself', async () => {
  await system.gateway.setState('down', 'close')
  const ids = await send('down', 3)
  await waitsFor(ids, 'instance')
  await leaves(await send('well', 3))
  assert.deepEqual((await instance('down')).holding, { reason: 'instance' })
  assert.deepEqual(await countedAttempts(ids), [0])
  await system.gateway.setState('down', 'open')
  await leaves(ids)
  assert.equal((await instance('down')).holding, undefined)
  assert.deepEqual((await sendsOf('down')).sort(), ['down 0', 'down 1', 'down 2'])
})

test('a retry policy of its own holds for an instance within two seconds, and nobody else’s changes', async () => {
  await patch('strict', { retry: { attemptsMax: 2, baseMs: 10, capMs: 20 } })
  await new Promise((resolve) => setTimeout(resolve, 2000))
  await system.gateway.program('strict', UNKNOWN_WORDS)
  const [id = ''] = await send('strict', 1)
  const message = await system.admin.follow(id, ['dead-lettered'])
  assert.deepEqual(outcomes(message), ['retry', 'dead-lettered'])
  await system.gateway.program('strict', {})
})

test('a time that Evolution names before the next try is kept, and the message says when that is', async () => {
  await system.gateway.program('patient', { ...UNKNOWN_WORDS, headers: { 'retry-after': '3' }, times: 1 })
  const [first = '', second = ''] = await send('patient', 2, '+5511988886000')
  const waiting = await until('the first attempt has failed', async () => {
    const { body } = await system.admin.call<MessageView & { expectedAt?: string }>('GET', `/v1/messages/${first}`)
    return body.waitingFor === 'retry' ? body : undefined
  })
  assert.equal((await system.admin.getMessage(second)).body.waitingFor, 'recipient')
  await leaves([first, second])
  const [failed, sent] = (await system.gateway.requests()).filter((each) => each.instance === 'patient')
  const waited = Date.parse(sent?.at ?? '') - Date.parse(failed?.answeredAt ?? '')
  assert.ok(waited >= 2900 && waited < 8000, `waited ${waited} ms`)
  assert.ok(Math.abs(Date.parse(waiting.expectedAt ?? '') - Date.parse(sent?.at ?? '')) < 1500)
})

test('a paused instance sends nothing from two seconds later on, and goes on when it is resumed', async () => {
  await leaves(await send('paused', 1))
  assert.equal((await patch('paused', { paused: true })).paused, true)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const ids = await send('paused', 2, '+5511988886100')
  await waitsFor(ids, 'paused')
  assert.equal((await sendsOf('paused')).length, 1)
  await patch('paused', { paused: false })
  await leaves(ids, 5000)
})

test('a message that the pace holds says until when, and leaves within two seconds of a new pace', async () => {
  const clock = (inMs: number) => new Date(Date.now() + inMs).toISOString().slice(11, 16)
  const quiet = { perMinute: 0, burst: 1, quietHours: { from: clock(-3_600_000), to: clock(3_600_000) } }
  await create('quiet', quiet)
  await create('capped', { perMinute: 0, burst: 1, perDay: 1 })
  const [silent = ''] = await send('quiet', 1)
  const [first = '', second = ''] = await send('capped', 2)
  await leaves([first])
  const quietUntil = await heldUntil(silent, 'quiet-hours')
  assert.ok(quietUntil > Date.now() + 3_400_000 && quietUntil <= Date.now() + 3_600_000)
  assert.equal((await heldUntil(second, 'daily-cap')) % 86_400_000, 0, 'the next day begins at midnight')
  assert.equal((await instance('capped')).holding?.reason, 'daily-cap')
  for (const name of ['quiet', 'capped']) await patch(name, { pace: null })
  await leaves([silent, second], 2000)
})

test('an instance that Evolution does not know, or whose key it refuses, is held and says why, until that is mended', async () => {
  const known = await system.store.instances.findByName('lost')
  await atEvolution('DELETE', '/instance/delete/lost')
  const ids = await send('lost', 2)
  await until(
    'it is missing',
    async () => (await instance('lost')).configurationError === 'instance-missing' || undefined,
  )
  await createAtEvolution('lost', 'another-token')
  const refused = async () => (await instance('lost')).configurationError === 'unauthorized' || undefined
  await until('its key is refused', refused, { timeoutMs: 40_000 })
  assert.deepEqual((await instance('lost')).holding, { reason: 'instance' })
  await waitsFor(ids, 'instance')
  assert.deepEqual(await countedAttempts(ids), [0])
  await atEvolution('DELETE', '/instance/delete/lost')
  await createAtEvolution('lost', known?.evolutionToken ?? '')
  await leaves(ids)
  await until('all is well', async () => (await instance('lost')).configurationError === undefined || undefined)
})

test('while Evolution fails for all, one message at a time tries it and no attempt is used up, then all leave', async () => {
  await system.gateway.program('*', { failRate: 1 })
  const before = (await requestsOfBoth()).length
  const ids = [...(await send('well', 10, undefined, 'a')), ...(await send('down', 10, undefined, 'b'))]
  await until('the breaker holds it', async () => (await instance('well')).holding?.reason === 'breaker' || undefined)
  await waitsFor(ids.slice(0, 1), 'instance')
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const tried = (await requestsOfBoth()).slice(before)
  // Five in a row shut it, four may have been under way; then a trial after 0.5 s, 1 s, 2 s and 4 s.
  assert.ok(tried.length >= 6 && tried.length <= 16, `${tried.length} requests`)
  await system.gateway.program('*', {})
  await leaves(ids, 30_000)
  assert.deepEqual(await countedAttempts(ids), [1])
  assert.equal((await instance('well')).holding, undefined)
})

test('while the database of Evolution is away, keys that it refuses are not called wrong, and all leave afterwards', async () => {
  await database({ down: true })
  const ids = [...(await send('well', 4, undefined, 'c')), ...(await send('down', 4, undefined, 'd'))]
  await new Promise((resolve) => setTimeout(resolve, 4000))
  await waitsFor(ids, 'instance')
  for (const name of ['well', 'down']) assert.equal((await instance(name)).configurationError, undefined)
  await database({ down: false })
  await leaves(ids, 30_000)
  assert.deepEqual(await countedAttempts(ids), [1])
})

async function send(name: string, count: number, to?: string, mark = ''): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const { body } = await system.admin.send(name, to ?? `+55119888851${n}1`, `${name}${mark} ${n}`)
    ids.push(body.id)
  }
  return ids
}

async function waitsFor(ids: readonly string[], reason: string): Promise<void> {
  for (const id of ids) {
    await until(`it waits for ${reason}`, async () => {
      const { body } = await system.admin.getMessage(id)
      return body.waitingFor === reason || undefined
    })
  }
}

async function heldUntil(id: string, reason: string): Promise<number> {
  await waitsFor([id], reason)
  const { body } = await system.admin.call<{ expectedAt?: string }>('GET', `/v1/messages/${id}`)
  return Date.parse(body.expectedAt ?? '')
}

async function create(name: string, pace: unknown): Promise<void> {
  const { status } = await system.admin.call('POST', '/v1/instances', { name, pace })
  assert.equal(status, 201)
}

async function leaves(ids: readonly string[], timeoutMs = 40_000): Promise<void> {
  for (const id of ids) await system.admin.follow(id, LEFT, timeoutMs)
}

async function countedAttempts(ids: string[]): Promise<number[]> {
  const rows = system.store.db.collection<{ _id: string }>('messages')
  return await rows.distinct('attemptsCount', { _id: { $in: ids } })
}

async function sendsOf(name: string): Promise<string[]> {
  return (await system.gateway.journalOf(name)).map(({ content }) => content)
}

async function requestsOfBoth() {
  return (await system.gateway.requests()).filter(({ instance }) => instance === 'well' || instance === 'down')
}

function outcomes({ attempts }: MessageView): string[] {
  return attempts.map(({ outcome }) => outcome)
}

async function instance(name: string): Promise<InstanceView> {
  return (await system.admin.call<InstanceView>('GET', `/v1/instances/${name}`)).body
}

async function patch(name: string, change: unknown): Promise<InstanceView> {
  const { status, body } = await system.admin.call<InstanceView>('PATCH', `/v1/instances/${name}`, change)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

async function createAtEvolution(name: string, token: string): Promise<void> {
  await until('the name is free', async () => {
    const made = { instanceName: name, token, integration: 'WHATSAPP-BAILEYS' }
    return (await atEvolution('POST', '/instance/create', made)) === 201 || undefined
  })
}

async function atEvolution(method: string, path: string, body?: unknown): Promise<number> {
  const response = await fetch(`${system.gateway.url}${path}`, {
    method,
    headers: { apikey: system.evolutionKey, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  await response.arrayBuffer()
  return response.status
}

async function database(order: Readonly<{ down: boolean }>): Promise<void> {
  const response = await fetch(`${system.gateway.url}/sandbox/database`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  })
  assert.ok(response.ok)
}
