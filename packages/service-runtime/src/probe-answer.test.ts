import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerProbe, type ProbeSources } from './probe-answer.ts'
import { createRegistry } from './registry.ts'

const registry = createRegistry({ service: 'api' })
const HEALTHY: ProbeSources = {
  registry,
  isStarted: () => true,
  readiness: () => ({ ready: true, checks: { kafka: 'ok' } }),
}

test('answers 200 on every probe while all is well, and names the checks', async () => {
  assert.deepEqual(await statusesOf(HEALTHY), { livez: 200, readyz: 200, startupz: 200 })
  const { body } = await answerProbe(HEALTHY, '/readyz')
  assert.deepEqual(JSON.parse(body), { ready: true, checks: { kafka: 'ok' } })
})

test('is not ready but alive while a dependency is down', async () => {
  const sources = { ...HEALTHY, readiness: () => ({ ready: false, checks: { kafka: 'not connected' } }) }
  assert.deepEqual(await statusesOf(sources), { livez: 200, readyz: 503, startupz: 200 })
})

test('is not ready but alive while it drains', async () => {
  assert.deepEqual(await statusesOf({ ...HEALTHY, isStopping: () => true }), { livez: 200, readyz: 503, startupz: 200 })
})

test('is neither started nor ready before all parts have started', async () => {
  assert.deepEqual(await statusesOf({ ...HEALTHY, isStarted: () => false }), { livez: 200, readyz: 503, startupz: 503 })
})

test('is not alive when only a restart helps', async () => {
  assert.deepEqual(await statusesOf({ ...HEALTHY, isLive: () => false }), { livez: 503, readyz: 200, startupz: 200 })
})

test('is not ready when a check throws, and does not say what it threw', async () => {
  const sources = { ...HEALTHY, readiness: () => Promise.reject(new Error('mongodb://user:secret@db')) }
  const { status, body } = await answerProbe(sources, '/readyz')
  assert.equal(status, 503)
  assert.doesNotMatch(body, /secret/)
})

test('shows the metrics of the process with the name of the service', async () => {
  const { status, contentType, body } = await answerProbe(HEALTHY, '/metrics')
  assert.deepEqual([status, contentType], [200, registry.contentType])
  assert.match(body, /^process_cpu_user_seconds_total\{service="api"\} /m)
})

test('knows no other path', async () => {
  const statuses = await Promise.all(['/', '/metrics/', '/v1/messages'].map((path) => answerProbe(HEALTHY, path)))
  assert.deepEqual(
    statuses.map(({ status }) => status),
    [404, 404, 404],
  )
})

async function statusesOf(sources: ProbeSources) {
  const [livez, readyz, startupz] = await Promise.all(
    ['/livez', '/readyz', '/startupz'].map((path) => answerProbe(sources, path)),
  )
  return { livez: livez?.status, readyz: readyz?.status, startupz: startupz?.status }
}
