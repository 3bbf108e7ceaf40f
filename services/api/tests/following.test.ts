import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import jwt from 'jsonwebtoken'
import { type ApiUnderTest, JWT_SECRET, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { type EventClient, openEvents } from './event-client.ts'
import { waiting } from './ledger-messages.ts'
import { until } from './until.ts'

const STREAMS = { perUserMax: 3, allMax: 5, heartbeatMs: 100, stallMs: 1000 }

let api: ApiUnderTest
let ana: TestUser
let bob: TestUser

before(async () => {
  api = await startApi({ overrides: { streams: STREAMS } })
  ana = await withFeed('ana@example.com')
  bob = await withFeed('bob@example.com')
})
after(() => api.stop())

describe('a stream of events', () => {
  test('tells what happens to the messages of its user, of nobody else, as it happens', async () => {
    const [mine, his] = [await open(ana), await open(bob)]
    const id = await message(ana, { reference: 'order 7', metadata: { shop: 'north' } })
    const other = await message(bob)
    await Promise.all([mine.has(1), his.has(1)])
    await api.store.ledger.cancel({ id, user: ana.id, by: ana.id })
    await copy()
    await mine.has(2)
    assert.deepEqual([mine.ids(), his.ids()], [[`${id}:1`, `${id}:2`], [`${other}:1`]])
    const [first, second] = mine.told
    assert.deepEqual([first?.type, second?.type], ['message.queued', 'message.cancelled'])
    assert.deepEqual(first?.data['message'], {
      id,
      to: '+5511999991000',
      type: 'text',
      reference: 'order 7',
      metadata: { shop: 'north' },
    })
    await Promise.all([mine.close(), his.close()])
  })

  test('tells what happens to the instances of its user, of nobody else, and not among the events of a message', async () => {
    const [mine, his] = [await open(ana), await open(bob)]
    const ofMessage = await open(ana, `/v1/messages/${await message(ana)}/events`)
    await Promise.all([mine.has(1), ofMessage.has(1)])
    const of = { at: new Date(), user: ana.id, instance: 'sales', instanceId: randomUUID() }
    const draft = { ...of, _id: `${of.instanceId}:1`, n: 1, type: 'instance.disconnected' } as const
    await api.store.events.append([draft], new Date())
    const id = await message(bob)
    await Promise.all([mine.has(2), his.has(1)])
    const { at: _at, ...told } = mine.told[1]?.data ?? {}
    const { instance, instanceId } = of
    assert.deepEqual(told, { v: 1, id: draft._id, n: 1, type: draft.type, user: ana.id, instance, instanceId })
    assert.deepEqual([his.ids(), ofMessage.told.length], [[`${id}:1`], 1])
    await Promise.all([mine.close(), his.close(), ofMessage.close()])
  })

  test('is no slow answer, however long its client listens', async () => {
    const before = await secondsOf('GET', '/v1/events')
    const stream = await open(ana)
    const openedAt = performance.now()
    await until('some heartbeats have come', () => stream.blocks.length >= 4)
    await stream.close()
    const listened = (performance.now() - openedAt) / 1000
    let after = before
    await until('it is counted', async () => {
      after = await secondsOf('GET', '/v1/events')
      return after > before
    })
    assert.ok(after - before < listened / 2, `${after - before} s of ${listened} s`)
  })

  test('passes a proxy as it is, whatever the client would accept', async () => {
    const stream = await open(ana)
    const { headers } = stream
    assert.equal(headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.equal(headers.get('cache-control'), 'no-store, no-transform')
    assert.deepEqual([headers.get('x-accel-buffering'), headers.get('content-encoding')], ['no', null])
    assert.ok(headers.get('request-id'))
    await stream.close()
    const head = await fetch(`${api.url}/v1/events`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${ana.token}` },
    })
    assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream; charset=utf-8'])
  })

  test('of an instance leaves out the others, and what was left out is not looked at again', async () => {
    const stream = await open(ana, '/v1/events?instance=support')
    const start = stream.lastId()
    await message(ana)
    await until('the heart tells how far it is', () => stream.lastId() !== start)
    assert.deepEqual(stream.ids(), [])
    const id = await message(ana, { instance: 'support' })
    await stream.has(1)
    assert.deepEqual(stream.ids(), [`${id}:1`])
    await stream.close()
    const [again, none] = [
      await open(ana, '/v1/events?instance=support', start),
      await open(ana, '/v1/events?instance=another', start),
    ]
    await again.has(1)
    const last = await message(ana, { instance: 'another' })
    await none.has(1)
    assert.deepEqual([again.ids(), none.ids()], [[`${id}:1`], [`${last}:1`]])
    await Promise.all([again.close(), none.close()])
  })

  test('goes on from the last event that was seen, without a gap or a repetition, whatever comes meanwhile', async () => {
    const first = await open(ana)
    const [one, start] = [await message(ana), first.lastId()]
    await first.has(1)
    const [seen] = first.told
    await first.close()
    const expected: string[] = []
    let isOver = false
    const more = async () => {
      for (let n = 0; n < 60; n++) expected.push(`${await message(ana)}:1`)
      isOver = true
    }
    const coming = more()
    const found: string[] = []
    // Each reader is gone as soon as he has seen something, and comes again.
    for (let from = seen?.id; !isOver || found.length < 60; ) {
      const stream = await open(ana, '/v1/events', from)
      await stream.has(1)
      await stream.close()
      from = stream.told.at(-1)?.id
      found.push(...stream.ids())
    }
    await coming
    assert.deepEqual(found, expected)
    const whole = await open(ana, '/v1/events', start)
    await whole.has(61)
    assert.deepEqual(whole.ids(), [`${one}:1`, ...expected])
    await whole.close()
  })

  test('begins with what happens now when nothing was seen', async () => {
    await message(ana)
    const stream = await open(ana)
    const id = await message(ana)
    await stream.has(1)
    assert.deepEqual(stream.ids(), [`${id}:1`])
    await stream.close()
  })

  test('takes no id of another user, and none that was made up', async () => {
    const his = await open(bob)
    await his.close()
    for (const id of [his.lastId(), '1', `${randomUUID()}:1`, 'A'.repeat(22)]) {
      const answer = await ana.get('/v1/events', { 'last-event-id': id })
      assert.deepEqual([answer.status, faultyFields(answer)], [400, ['Last-Event-ID']])
    }
    assert.deepEqual(faultyFields(await ana.get('/v1/events?instance=a%20b')), ['instance'])
    assert.deepEqual(faultyFields(await ana.get('/v1/events?user=x')), ['user'])
  })

  test('of an instance of another user shows nothing', async () => {
    const stream = await open(ana, '/v1/events?instance=bobs')
    await message(bob, { instance: 'bobs' })
    const id = await message(ana, { instance: 'bobs' })
    await stream.has(1)
    assert.deepEqual(stream.ids(), [`${id}:1`])
    await stream.close()
  })

  test('is for users with a feed; for the others the answer says how to turn it on', async () => {
    const eve = await api.user('eve@example.com')
    const { status, body } = await eve.get('/v1/events')
    assert.deepEqual([status, body['code']], [409, 'event-feed-off'])
    assert.match(String(body['detail']), /PATCH \/v1\/users\/\{id\} with \{"eventFeed": true\}/)
    assert.equal((await eve.get(`/v1/messages/${await waiting(api.store, eve.id)}/events`)).status, 409)
    assert.equal((await api.anybody.get('/v1/events')).status, 401)
  })
})

describe('what a message waits for', () => {
  test('is told with the event after which it waits, while that is the newest of it and true', async () => {
    const stream = await open(ana)
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const scheduled = await message(ana, { sendAt })
    await stream.has(1)
    const { waitingFor, expectedAt } = stream.told[0]?.data ?? {}
    assert.deepEqual([waitingFor, expectedAt], ['schedule', sendAt])

    // Its instance is not known here.
    const queued = await waiting(api.store, ana.id, { feed: true })
    const cancelled = await waiting(api.store, ana.id, { feed: true })
    await api.store.ledger.cancel({ id: cancelled, user: ana.id, by: ana.id })
    await copy()
    await stream.has(4)
    const expected = [
      [scheduled, 'message.scheduled', 'schedule'],
      [queued, 'message.queued', 'instance'],
      [cancelled, 'message.queued', undefined],
      [cancelled, 'message.cancelled', undefined],
    ]
    assert.deepEqual(waitsOf(stream), expected)
    await stream.close()

    const one = await open(ana, `/v1/messages/${queued}/events`)
    await one.has(1)
    assert.deepEqual(waitsOf(one), expected.slice(1, 2))
    await api.store.ledger.cancel({ id: scheduled, user: ana.id, by: ana.id })
    const again = await open(ana, `/v1/messages/${scheduled}/events`)
    await again.has(1)
    assert.deepEqual(waitsOf(again)[0], [scheduled, 'message.scheduled', undefined])
    await Promise.all([one.close(), again.close()])
  })
})

describe('the events of one message', () => {
  test('are told from its first on, and then as they come', async () => {
    const id = await message(ana)
    await message(ana)
    const stream = await open(ana, `/v1/messages/${id.toUpperCase()}/events`)
    await stream.has(1)
    await api.store.ledger.cancel({ id, user: ana.id, by: ana.id })
    await message(ana)
    await copy()
    await stream.has(2)
    assert.deepEqual(stream.ids(), [`${id}:1`, `${id}:2`])
    await stream.close()
    const again = await open(ana, `/v1/messages/${id}/events`, stream.told[0]?.id)
    await again.has(1)
    assert.deepEqual(again.ids(), [`${id}:2`])
    await again.close()
  })

  test("are its owner's: another's message looks like none", async () => {
    const id = await message(bob)
    const [foreign, none] = [
      await ana.get(`/v1/messages/${id}/events`),
      await ana.get(`/v1/messages/${randomUUID()}/events`),
    ]
    assert.deepEqual([foreign.status, foreign.body], [404, none.body])
    assert.deepEqual(faultyFields(await ana.get('/v1/messages/x/events')), ['id'])
  })
})

describe('a stream ends', () => {
  test('when its token is over, and says so', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2
    const [head = '', claims = ''] = String(ana.token).split('.')
    const payload: Record<string, unknown> = { ...parsed(claims), exp }
    const token = jwt.sign(payload, JWT_SECRET, { header: { alg: 'HS256', ...parsed(head) } })
    const stream = await openEvents(`${api.url}/v1/events`, token)
    await stream.ended()
    assert.deepEqual(endOf(stream), 'unauthenticated')
    assert.ok(Date.now() >= exp * 1000)
  })

  test('when its token is revoked, or the feed is turned off', async () => {
    const [out, off] = [await withFeed('out@example.com'), await withFeed('off@example.com')]
    const streams = [await open(out), await open(off)]
    await out.post('/user/logout')
    await api.admin.patch(`/v1/users/${off.id}`, { eventFeed: false })
    await Promise.all(streams.map((stream) => stream.ended()))
    assert.deepEqual(streams.map(endOf), ['unauthenticated', 'event-feed-off'])
  })

  test('for a client who takes nothing; he goes on from what he has seen, and others were told all the while', async () => {
    const quick = await open(ana)
    const start = quick.lastId()
    const slow = await openEvents(`${api.url}/v1/events`, ana.token, { isIdle: true, lastEventId: start })
    const expected = await large(1200)
    await quick.has(1200)
    assert.deepEqual(quick.ids(), expected)
    await until('the slow one is cut', async () =>
      /whatsapp_event_streams_ended_total\{why="slow".*\} 1$/m.test(
        await (await fetch(`${api.metricsUrl}/metrics`)).text(),
      ),
    )
    await slow.read()
    const seen = slow.ids()
    assert.ok(seen.length < 1200, `${seen.length}`)
    const again = await open(ana, '/v1/events', slow.lastId())
    await again.has(1200 - seen.length)
    assert.deepEqual([...seen, ...again.ids()], expected)
    await Promise.all([quick.close(), again.close()])
  })
})

describe('open streams', () => {
  test('are bounded for each user and in all, and a place is free again when one is closed', async () => {
    await until('no stream is open', async () => (await openCount()) === 0)
    const mine = await Promise.all(Array.from({ length: 3 }, () => open(ana)))
    const refused = await ana.get('/v1/events')
    assert.deepEqual([refused.status, refused.body['code']], [429, 'too-many-requests'])
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    const his = [await open(bob), await open(bob)]
    const full = await bob.get('/v1/events')
    assert.deepEqual([full.status, full.body['code']], [503, 'overloaded'])
    await his[0]?.close()
    await until('a place is free', async () => (await openCount()) === 4)
    const next = await open(bob)
    await Promise.all([...mine, ...his, next].map((stream) => stream.close()))
    await until('all places are free', async () => (await openCount()) === 0)
  })

  test('are ended at once when the process is stopped, and no more are let in', async () => {
    const streams = [await open(ana), await open(bob)]
    const startedAt = performance.now()
    await api.stopService()
    await Promise.all(streams.map((stream) => stream.ended()))
    assert.deepEqual(streams.map(endOf), ['unavailable', 'unavailable'])
    assert.ok(performance.now() - startedAt < 10_000)
  })
})

async function withFeed(email: string): Promise<TestUser> {
  const user = await api.user(email)
  assert.equal((await api.admin.patch(`/v1/users/${user.id}`, { eventFeed: true })).status, 200)
  return user
}

async function open(user: TestUser, path = '/v1/events', lastEventId?: string): Promise<EventClient> {
  const stream = await openEvents(`${api.url}${path}`, user.token, { lastEventId })
  await stream.begun()
  return stream
}

/** Id of a message of a user whose feed is on; that it waits is among the events. */
async function message(user: TestUser, changes: Parameters<typeof waiting>[2] = {}): Promise<string> {
  const id = await waiting(api.store, user.id, { feed: true, ...changes })
  await copy()
  return id
}

function waitsOf({ told }: EventClient): unknown[] {
  return told.map(({ type, data }) => [Object(data['message']).id, type, data['waitingFor']])
}

async function copy(): Promise<void> {
  await api.store.ledger.copyOutboxes((drafts) => api.store.events.append(drafts, new Date()), 500)
}

/** Ids of events of ten kilobytes each. */
async function large(count: number): Promise<string[]> {
  const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`name${n}`, 'x'.repeat(500)]))
  const drafts = Array.from({ length: count }, () => {
    const messageId = randomUUID()
    const named = { user: ana.id, instance: 'sales', instanceId: 'i', to: '+5511999991000', messageType: 'text' }
    return {
      _id: `${messageId}:1`,
      n: 1,
      type: 'message.queued',
      at: new Date(),
      messageId,
      ...named,
      metadata,
    } as const
  })
  for (let from = 0; from < count; from += 200)
    await api.store.events.append(drafts.slice(from, from + 200), new Date())
  return drafts.map(({ _id }) => _id)
}

function endOf({ told }: EventClient): unknown {
  const last = told.at(-1)
  assert.equal(last?.type, 'end')
  return last.data['code']
}

async function openCount(): Promise<number> {
  const metrics = await (await fetch(`${api.metricsUrl}/metrics`)).text()
  return Number(/^whatsapp_event_streams_open\S* (\d+)$/m.exec(metrics)?.[1])
}

async function secondsOf(method: string, route: string): Promise<number> {
  const metrics = await (await fetch(`${api.metricsUrl}/metrics`)).text()
  const lines = metrics.split('\n').filter((line) => line.startsWith('whatsapp_http_route_seconds_total{'))
  const ofRoute = lines.find(
    (line) => line.includes(`method="${method}"`) && line.includes(`route="${route}",status="2xx"`),
  )
  return Number(ofRoute?.split(' ').at(-1) ?? 0)
}

function parsed(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
}
