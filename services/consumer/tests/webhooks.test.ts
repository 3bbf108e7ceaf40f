import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type MessageEventType, newMessageId } from '@whatsapp-sender/contract'
import { createOutgoingHttp, type OutgoingHttp } from '@whatsapp-sender/outgoing'
import { createLogger, createRegistry, type Part } from '@whatsapp-sender/service-runtime'
import { type NewWebhookEndpoint, openStore, type Store, type WebhookDelivery } from '@whatsapp-sender/store'
import { Webhook } from 'standardwebhooks'
import { createClock } from '../src/dispatch/clock.ts'
import { createWebhooks } from '../src/notify/webhooks/create-webhooks.ts'
import { startReceiver } from './support/receiver.ts'

const { MONGO_URL = 'mongodb://127.0.0.1:27017' } = process.env
const run = `test_${process.pid}_${randomBytes(4).toString('hex')}`
const SECRET_KEY = randomBytes(32).toString('hex')
const logger = createLogger({ service: 'webhooks-test', level: 'silent' })
const clock = createClock()
const started: Part[] = []
let store: Store
let receiver: Awaited<ReturnType<typeof startReceiver>>
let resolved: string[]

before(async () => {
  store = await openStore({ url: MONGO_URL, database: run, appName: run, secretKey: SECRET_KEY })
  await store.ensureIndexes()
})

after(async () => {
  await store.db.dropDatabase()
  await store.close()
})

beforeEach(async () => {
  clock.adjust(Date.now(), clock.monotonic())
  resolved = ['127.0.0.1']
  receiver = await startReceiver()
})

afterEach(async () => {
  await Promise.all(started.splice(0).map(async (part) => part.stop?.()))
  await store.db.collection('webhook_endpoints').deleteMany({})
  await store.db.collection('webhook_deliveries').deleteMany({})
  await receiver.close()
})

test('an event is posted once, as it is in the events, under its id, and the reference library takes its signature', async () => {
  const { secret } = await endpoint()
  await startProcess()
  const [event] = await tell(['message.sent'], { user: 'ana' })
  const post = await posted(event)
  assert.deepEqual(new Webhook(secret).verify(post.body, headersOf(post)), JSON.parse(post.body))
  const [{ event: stored } = { event: undefined }] = (await store.events.readAfter(0, { limit: 1000 })).slice(-1)
  assert.deepEqual(JSON.parse(post.body), stored)
  assert.equal(post.headers['content-type'], 'application/json')
  for (const canary of [SECRET_KEY, secret.slice(6)]) assert.ok(!JSON.stringify(post).includes(canary))
  const log = await until('it is delivered', async () => (await logOf()).find(({ state }) => state === 'delivered'))
  assert.deepEqual([log.id, log.attempts.length, log.attempts[0]?.status], [event, 1, 204])
})

test('while a secret is replaced old and new receivers take the signature; afterwards only the new one does', async () => {
  const made = await endpoint()
  const until24 = new Date(clock.storeNow() + 86_400_000)
  const next = await store.webhookEndpoints.rotateSecret(made.endpoint, new Date(clock.storeNow()), until24)
  await startProcess()
  const during = await posted((await tell(['message.sent']))[0])
  for (const secret of [made.secret, next ?? '']) new Webhook(secret).verify(during.body, headersOf(during))
  clock.adjust(until24.getTime(), clock.monotonic())
  const afterwards = await posted((await tell(['message.sent']))[0])
  assert.equal(String(afterwards.headers['webhook-signature']).split(' ').length, 1)
})

test('an endpoint is told what it asked for, of its own user, from its creation on, and nothing else', async () => {
  await tell(['message.sent'])
  const [all, some, here, bobs] = ['/all', '/some', '/here', '/bob'] as const
  await endpoint({ url: receiver.url + all })
  await endpoint({ url: receiver.url + some, events: ['message.read', 'message.failed'] })
  await endpoint({ url: receiver.url + here, instances: ['support'] })
  await endpoint({ url: receiver.url + bobs, user: 'bob' })
  await startProcess()
  const ofSales = await tell(['message.queued', 'message.read'])
  const ofSupport = await tell(['message.queued'], { instance: 'support' })
  const ofBob = await tell(['message.read'], { user: 'bob' })
  await until('all are there', () => receiver.posts.length >= 6)
  const ids = (path: string) => new Set(receiver.to(path).map(({ id }) => id))
  assert.deepEqual(ids(all), new Set([...ofSales, ...ofSupport]))
  assert.deepEqual(ids(some), new Set(ofSales.slice(1)))
  assert.deepEqual(ids(here), new Set(ofSupport))
  assert.deepEqual(ids(bobs), new Set(ofBob))
  assert.equal(receiver.posts.length, 6)
})

test('a receiver that was down is told when it is up again: the same id, the time of the attempt', async () => {
  await endpoint()
  await receiver.close()
  await startProcess()
  const [event = ''] = await tell(['message.sent'])
  const failed = await until('it failed', async () => (await logOf()).find(({ tries }) => tries === 1))
  assert.deepEqual([failed.state, failed.attempts[0]?.code], ['waiting', 'unreachable'])
  receiver = await startReceiver(receiver.port)
  clock.adjust(clock.storeNow() + 7000, clock.monotonic())
  const post = await posted(event)
  const at = failed.attempts[0]?.at.getTime() ?? 0
  assert.ok(Number(post.headers['webhook-timestamp']) * 1000 >= at + 5000)
})

test('redirects and errors are no success, are logged with the beginning of their answer, and nobody follows them', async () => {
  await endpoint()
  receiver.answerWith(({ path }, res) =>
    path === '/' ? res.writeHead(307, { location: `${receiver.url}/target` }).end('x'.repeat(5000)) : res.end(),
  )
  await startProcess()
  await tell(['message.sent'])
  const failed = await until('it failed', async () => (await logOf()).find(({ tries }) => tries === 1))
  assert.deepEqual([failed.attempts[0]?.status, failed.attempts[0]?.answer?.length], [307, 1000])
  assert.deepEqual(receiver.to('/target'), [])
})

test('events of one message are posted in their order, never two at once; of many messages four at a time', async () => {
  await endpoint()
  let open = 0
  let most = 0
  const openOf = new Set<string>()
  const overlaps: string[] = []
  receiver.answerWith(({ id }, res) => {
    const message = id.split(':')[0] ?? ''
    if (openOf.has(message)) overlaps.push(id)
    openOf.add(message)
    open += 1
    most = Math.max(most, open)
    setTimeout(() => {
      open -= 1
      openOf.delete(message)
      res.end()
    }, 20)
  })
  const types = ['message.queued', 'message.sent', 'message.read'] as const
  const lives = Array.from({ length: 12 }, () => lifeOf(types))
  const sideBySide = types.flatMap((_type, at) => lives.flatMap((life) => life.slice(at, at + 1)))
  const inARow = lifeOf(types)
  lives.push(inARow)
  await store.events.append([...sideBySide, ...inARow], new Date())
  const told = lives.map((life) => life.map(({ _id }) => _id))
  await startProcess()
  await until('all are there', () => receiver.posts.length >= 39)
  for (const ids of told)
    assert.deepEqual(
      receiver.posts.map(({ id }) => id).filter((id) => ids.includes(id)),
      ids,
    )
  assert.deepEqual([receiver.posts.length, most, overlaps], [39, 4, []])
})

test('a process that dies between making deliveries and posting them loses nothing: another one posts all', async () => {
  await endpoint()
  const frozen = Promise.withResolvers<never>()
  frozen.promise.catch(() => {})
  let isDead = false
  const claim: Store['webhookEndpoints']['claim'] = async (by, now, leased) =>
    isDead ? undefined : await store.webhookEndpoints.claim(by, now, leased)
  const dead = await startProcess({
    store: { ...store, webhookEndpoints: { ...store.webhookEndpoints, claim } },
    http: { post: () => frozen.promise, close: async () => frozen.reject(new Error('the process is gone')) },
  })
  const events = (await Promise.all([1, 2, 3, 4, 5].map(() => tell(['message.queued', 'message.sent'])))).flat()
  await until('deliveries are made', async () => (await logOf()).length === events.length)
  await until('the reader has moved', async () => {
    return (await store.events.position('webhooks')) === (await store.events.head())
  })
  dead.isActive = false
  isDead = true
  await startProcess()
  await wait(50)
  assert.deepEqual(receiver.posts, [])
  clock.adjust(clock.storeNow() + 60_000, clock.monotonic())
  for (const event of events) await posted(event)
})

test('a process that dies before its place is kept makes the deliveries again, and each is posted once', async () => {
  await endpoint()
  let lost = 0
  const advance = async (reader: string, seq: number): Promise<void> => {
    if (lost++ < 3) throw new Error('the process died')
    await store.events.advance(reader, seq)
  }
  await startProcess({ store: { ...store, events: { ...store.events, advance } } })
  const events = await tell(['message.queued', 'message.sent', 'message.read'])
  await until('its place is kept', () => lost > 3)
  await until('all are delivered', async () => (await logOf()).every(({ state }) => state === 'delivered'))
  assert.deepEqual(
    receiver.posts.map(({ id }) => id),
    events,
  )
})

test('two processes at once post everything, and each event once', async () => {
  for (const path of ['/a', '/b', '/c']) await endpoint({ url: receiver.url + path })
  await Promise.all([startProcess(), startProcess()])
  const events = (await Promise.all(Array.from({ length: 10 }, () => tell(['message.sent'])))).flat()
  await until('all are there', () => receiver.posts.length >= 30)
  await until('all are delivered', async () => (await logOf()).every(({ state }) => state === 'delivered'))
  for (const path of ['/a', '/b', '/c'])
    assert.deepEqual(
      receiver
        .to(path)
        .map(({ id }) => id)
        .sort(),
      [...events].sort(),
    )
})

test('an endpoint that answers 410 is switched off, and nothing more is posted to it', async () => {
  const { endpoint: gone } = await endpoint({ url: `${receiver.url}/gone` })
  await endpoint({ url: `${receiver.url}/there` })
  receiver.answerWith(({ path }, res) => res.writeHead(path === '/gone' ? 410 : 200).end())
  await startProcess()
  await tell(['message.sent'])
  const off = await until('it is off', async () => {
    const found = await store.webhookEndpoints.find(gone)
    return found?.enabled === false && found
  })
  assert.equal(off.disabledReason, 'gone')
  const [next] = await tell(['message.sent'])
  await until('the other one is told', () => receiver.to('/there').some(({ id }) => id === next))
  assert.deepEqual(receiver.to('/gone').length, 1)
  const log = await logOf(gone.id)
  assert.deepEqual(
    log.map(({ state }) => state),
    ['failed'],
  )
})

test('an endpoint that nothing has reached for a day is switched off, one that answered in between is not', async () => {
  const { endpoint: broken } = await endpoint({ url: `${receiver.url}/broken` })
  const { endpoint: shaky } = await endpoint({ url: `${receiver.url}/shaky` })
  let isShaking = true
  receiver.answerWith(({ path }, res) => res.writeHead(path === '/broken' || isShaking ? 500 : 200).end())
  await startProcess()
  await tell(['message.sent'])
  const tried = (tries: number) => async () => (await logOf()).filter((each) => each.tries === tries).length === 2
  await until('both have failed', tried(1))
  isShaking = false
  clock.adjust(clock.storeNow() + 7000, clock.monotonic())
  await until('both are tried again', tried(2))
  isShaking = true
  clock.adjust(clock.storeNow() + 86_400_000, clock.monotonic())
  await tell(['message.read'])
  const off = await until('it is off', async () => {
    const found = await store.webhookEndpoints.find(broken)
    return found?.enabled === false && found
  })
  assert.equal(off.disabledReason, 'failing')
  await until('the other one has failed again', async () => {
    return (await store.webhookEndpoints.find(shaky))?.failingSince !== undefined
  })
  assert.equal((await store.webhookEndpoints.find(shaky))?.enabled, true)
})

test('the address is judged at each attempt: a name that leads inside since then is not called', async () => {
  await endpoint({ url: `http://hooks.example:${receiver.port}/` })
  receiver.answerWith((_post, res) => res.writeHead(500).end())
  await startProcess()
  await tell(['message.sent'])
  await until('it failed', async () => (await logOf()).some(({ tries }) => tries === 1))
  resolved = ['10.0.0.1']
  clock.adjust(clock.storeNow() + 7000, clock.monotonic())
  const refused = await until('it is tried again', async () => (await logOf()).find(({ tries }) => tries === 2))
  assert.deepEqual([refused.attempts[1]?.code, refused.attempts[1]?.status], ['address-refused', undefined])
  assert.equal(receiver.posts.length, 1)
})

test('an endpoint whose secret cannot be opened is never posted to unsigned', async () => {
  await endpoint()
  await store.db.collection('webhook_endpoints').updateMany({}, { $set: { secrets: [{ sealed: 'other.key' }] } })
  await startProcess()
  await tell(['message.sent'])
  const failed = await until('it failed', async () => (await logOf()).find(({ tries }) => tries === 1))
  assert.deepEqual([failed.attempts[0]?.code, receiver.posts], ['secret-unreadable', []])
})

test('endpoints that hang hold up neither the others nor the end of the process for long', async () => {
  for (let n = 0; n < 5; n++) await endpoint({ url: `${receiver.url}/hangs` })
  receiver.answerWith(({ path }, res) => path === '/hangs' || res.end())
  await startProcess()
  await tell(['message.sent'])
  await until('they hang', () => receiver.to('/hangs').length === 5)
  await endpoint({ url: `${receiver.url}/well` })
  const [event] = await tell(['message.sent'])
  await until('the other one is told', () => receiver.to('/well').some(({ id }) => id === event))
  const startedAt = performance.now()
  await started.shift()?.stop?.()
  assert.ok(performance.now() - startedAt < 5000)
  const log = await logOf()
  assert.ok(
    log.filter(({ state }) => state === 'waiting').every(({ tries }) => tries === 0),
    'an end is no failure',
  )
})

type Process = { isActive: boolean }

async function startProcess(
  o: Partial<
    Readonly<{ store: Pick<Store, 'events' | 'webhookEndpoints' | 'webhookDeliveries'>; http: OutgoingHttp }>
  > = {},
): Promise<Process> {
  const state = { isActive: true }
  const http = createOutgoingHttp({ privateNetworks: ['127.0.0.0/8'], resolve: async () => resolved, callsMax: 128 })
  const part = createWebhooks({
    store: o.store ?? store,
    http: o.http ?? http,
    clock,
    isActive: () => state.isActive,
    by: randomUUID(),
    logger,
    registry: createRegistry({ service: 'webhooks-test' }),
  })
  started.push(part)
  await part.start?.()
  tellProcesses.push(part.expect)
  return state
}

const tellProcesses: (() => void)[] = []

async function endpoint(wanted: Partial<NewWebhookEndpoint> = {}) {
  const fromSeq = await store.events.head()
  return await store.webhookEndpoints.create({ user: 'ana', url: `${receiver.url}/`, fromSeq, ...wanted })
}

/** What became of one message; answers the ids of the events. */
async function tell(
  types: readonly MessageEventType[],
  { user = 'ana', instance = 'sales' }: Readonly<{ user?: string; instance?: string }> = {},
): Promise<string[]> {
  const drafts = lifeOf(types, { user, instance })
  await store.events.append(drafts, new Date())
  for (const expect of tellProcesses) expect()
  return drafts.map(({ _id }) => _id)
}

function lifeOf(types: readonly MessageEventType[], { user, instance } = { user: 'ana', instance: 'sales' }) {
  const messageId = newMessageId()
  return types.map((type, at) => ({
    _id: `${messageId}:${at + 1}`,
    n: at + 1,
    type,
    at: new Date(),
    user,
    instance,
    instanceId: 'instance-1',
    messageId,
    to: '+5511999991000',
    messageType: 'text',
  }))
}

async function logOf(id?: string): Promise<WebhookDelivery[]> {
  const all = await store.webhookEndpoints.listOf('ana')
  const wanted = all.filter((each) => id === undefined || each.id === id)
  const pages = await Promise.all(
    wanted.map((each) => store.webhookDeliveries.list({ endpoint: each.id, user: 'ana' }, { limit: 100 })),
  )
  return pages.flatMap(({ data }) => data)
}

async function posted(event: string | undefined) {
  return await until(`${event} is posted`, () => receiver.posts.find(({ id }) => id === event))
}

function headersOf({ headers }: Awaited<ReturnType<typeof posted>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

async function until<T>(what: string, read: () => T | false | undefined | Promise<T | false | undefined>): Promise<T> {
  for (const endsAt = performance.now() + 20_000; ; ) {
    const found = await read()
    if (found !== undefined && found !== false) return found
    assert.ok(performance.now() < endsAt, `${what}: it never came`)
    await wait(20)
  }
}
