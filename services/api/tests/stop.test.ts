import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { until } from './until.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  await ana.post('/v1/instances', { name: 'sales' })
})
after(() => api.stop())

test('a connection that was opened ahead and never used does not hold the stop up', async () => {
  const idle = await startApi()
  const silent = connect(Number(new URL(idle.url).port), '127.0.0.1')
  await once(silent, 'connect')
  const closed = once(silent, 'close')
  await idle.stop()
  await closed
})

test('while load balancers look elsewhere it goes on answering, and each answer ends its connection', async () => {
  const stopping = await startApi({ env: { STOP_DELAY_MS: '2000' } })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    assert.equal((await ask(stopping, agent)).connection, 'keep-alive')
    const stopped = stopping.stopService()
    await until('it is not ready', async () => (await fetch(`${stopping.metricsUrl}/readyz`)).status === 503)
    for (let again = 0; again < 2; again += 1) {
      assert.deepEqual(await ask(stopping, agent), { status: 200, connection: 'close' })
    }
    await stopped
    await assert.rejects(ask(stopping, agent))
  } finally {
    agent.destroy()
    await stopping.stop()
  }
})

async function ask(api: ApiUnderTest, agent: Agent) {
  const [res]: IncomingMessage[] = await once(get(`${api.url}/openapi.json`, { agent }), 'response')
  await res?.toArray()
  return { status: res?.statusCode, connection: res?.headers.connection }
}

describe('stopping under load', () => {
  test('answers what it has begun, accepts nothing after, waits for nobody silent, and every 202 is in the topic', async () => {
    const message = { instance: 'sales', to: '+5511999991000', text: 'olá' }
    const first = ana.post('/v1/messages', message)
    const rest = Promise.allSettled(Array.from({ length: 300 }, () => ana.post('/v1/messages', message)))
    assert.equal((await first).status, 202)
    const silent = connect({ host: '127.0.0.1', port: Number(new URL(api.url).port) })
    await once(silent, 'connect')
    const gone = new Promise((resolve) => silent.on('error', () => {}).on('close', resolve))
    await api.stopService()
    await gone
    const ends = await rest
    const answers = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
    const accepted = answers.filter(({ status }) => status === 202).map(({ body }) => String(body['id']))
    assert.ok(accepted.length > 0)
    for (const { status, body } of answers) assert.ok(status === 202 || body['code'] === 'unavailable', String(status))
    const stored = new Set((await api.topics.messages()).map(({ id }) => id))
    assert.deepEqual(
      accepted.filter((id) => !stored.has(id)),
      [],
    )
    await assert.rejects(ana.post('/v1/messages', message))
  })
})
