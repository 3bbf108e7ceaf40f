import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'
import { readEventStream } from './read-event-stream.ts'
import { until } from './until.ts'

const STREAMS_PER_USER = 3

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  // A QR code lives 0.6 s, the next ones 0.2 s.
  api = await startApi({
    evolution: { autoOpen: false, timeScale: 0.01 },
    overrides: { streams: { perUserMax: STREAMS_PER_USER } },
  })
  ana = await api.user('ana@example.com')
  await ana.post('/v1/instances', { name: 'sales', number: '+5511999991000' })
  await ana.post('/v1/instances', { name: 'plain' })
})
after(() => api.stop())

describe('the code to connect a phone', () => {
  test('is a PNG, an SVG, characters or a pairing code, as the query or Accept says', async () => {
    const cases = [
      ['?format=png', '*/*', 'image/png', /^\x89PNG/],
      ['', 'image/png', 'image/png', /^\x89PNG/],
      ['', 'image/svg+xml', 'image/svg+xml; charset=utf-8', /^<svg .*<\/svg>/s],
      ['', 'text/plain', 'text/plain; charset=utf-8', /█/],
      ['?format=pairing-code', '*/*', 'text/plain; charset=utf-8', /^[A-Z0-9]{8}\n$/],
      ['?format=json', 'image/png', 'application/json; charset=utf-8', /"qr":\{"code":"2@/],
      ['', '*/*', 'application/json; charset=utf-8', /"state":"connecting"/],
      ['', 'text/html', 'application/json; charset=utf-8', /"state":"connecting"/],
    ] as const
    for (const [query, accept, type, content] of cases) {
      const { response, text } = await connect('sales', query, accept)
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, type], `${query} ${accept}`)
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.match(text, content, `${query} ${accept}`)
    }
  })

  test('in a form that is not known, or that the instance cannot have, is refused by name', async () => {
    for (const path of ['/v1/instances/sales/connect?format=gif', '/v1/instances/plain/connect?format=pairing-code']) {
      const refused = await ana.post(path)
      assert.deepEqual([refused.status, faultyFields(refused)], [400, ['format']], path)
    }
  })

  test('is none once the phone is connected', async () => {
    await ana.post('/v1/instances', { name: 'joined' })
    await setState('joined', 'open')
    assert.equal((await ana.post('/v1/instances/joined/connect?format=png')).body['code'], 'instance-connected')
    assert.deepEqual((await ana.post('/v1/instances/joined/connect')).body, { state: 'open' })
  })
})

describe('the events of connecting', () => {
  test('tell the state and each new code until the phone is connected, and then end', async () => {
    await ana.post('/v1/instances', { name: 'followed' })
    const stream = await follow('followed')
    assert.equal(stream.response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.deepEqual(await stream.next(), { event: 'state', data: { state: 'connecting' } })
    const first = await stream.next()
    const second = await stream.next()
    assert.deepEqual([first?.event, second?.event], ['qr', 'qr'])
    assert.match(String(Object(first?.data['qr']).code), /^2@/)
    assert.notEqual(Object(first?.data['qr']).code, Object(second?.data['qr']).code)
    await setState('followed', 'open')
    const rest = await stream.rest()
    assert.deepEqual(rest.slice(-2), [
      { event: 'state', data: { state: 'open' } },
      { event: 'end', data: { reason: 'open' } },
    ])
  })

  test('end when the instance is deleted', async () => {
    await ana.post('/v1/instances', { name: 'leaving' })
    const stream = await follow('leaving')
    await stream.next()
    await ana.call('DELETE', '/v1/instances/leaving?keepInEvolution=true')
    assert.deepEqual((await stream.rest()).at(-1), { event: 'end', data: { reason: 'gone' } })
  })

  test('are refused to whom the instance is missing, and begin no login there', async () => {
    const bob = await api.user('bob@example.com')
    await ana.post('/v1/instances', { name: 'quiet' })
    for (const name of ['quiet', 'nowhere']) {
      const foreign = await bob.get(`/v1/instances/${name}/connect/events`)
      assert.deepEqual([foreign.status, foreign.body['code']], [404, 'instance-not-found'])
    }
    assert.equal((await ana.get('/v1/instances/quiet')).body['state'], 'close')
  })

  test('take as many places of a user as he may have, and whoever leaves gives his back', async () => {
    const eva = await api.user('eva@example.com')
    await eva.post('/v1/instances', { name: 'crowd' })
    const url = `${api.url}/v1/instances/crowd/connect/events`
    const streams = await Promise.all(
      Array.from({ length: STREAMS_PER_USER }, () => readEventStream(url, eva.token ?? '')),
    )
    const refused = await eva.get('/v1/instances/crowd/connect/events')
    assert.deepEqual([refused.status, refused.body['code']], [429, 'too-many-requests'])
    assert.equal((await follow('plain')).response.status, 200, 'others have places of their own')
    streams[0]?.leave()
    await until('there is a place', async () => {
      const again = await readEventStream(url, eva.token ?? '')
      again.leave()
      return again.response.status === 200
    })
    for (const { leave } of streams.slice(1)) leave()
  })

  test('end when the process is told to stop, which they do not delay', async () => {
    const stream = await follow('sales')
    await stream.next()
    const began = performance.now()
    await api.stopService()
    const tookMs = performance.now() - began
    const rest = await stream.rest()
    assert.ok(!rest.some(({ event }) => event === 'end'), 'the client connects anew, elsewhere')
    assert.ok(tookMs < 5000, `took ${tookMs} ms`)
  })
})

test('with Evolution away the answer is a problem, not a stream', async () => {
  const lonely = await startApi({ env: { EVOLUTION_API_URL: 'http://127.0.0.1:9' } })
  try {
    const eva = await lonely.user('eva@example.com')
    const owned = { name: 'alone', owner: eva.id, evolutionToken: 't', webhookSecretHash: 'h', state: 'close' } as const
    await lonely.store.instances.create(owned)
    const refused = await eva.get('/v1/instances/alone/connect/events')
    assert.deepEqual([refused.status, refused.body['code']], [503, 'unavailable'])
  } finally {
    await lonely.stop()
  }
})

async function follow(name: string) {
  return await readEventStream(`${api.url}/v1/instances/${name}/connect/events`, ana.token ?? '')
}

async function connect(name: string, query: string, accept: string) {
  const response = await fetch(`${api.url}/v1/instances/${name}/connect${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ana.token}`, accept },
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const isText = response.headers.get('content-type') !== 'image/png'
  return { response, text: bytes.toString(isText ? 'utf8' : 'latin1') }
}

async function setState(name: string, state: 'open' | 'close'): Promise<void> {
  const response = await fetch(`${api.evolution.url}/sandbox/instances/${name}/state`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ state }),
  })
  assert.ok(response.ok, await response.text())
}
