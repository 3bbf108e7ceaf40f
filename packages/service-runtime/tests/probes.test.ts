import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProbeServer, createRegistry, type Readiness } from '../src/index.ts'

const sources = {
  registry: createRegistry({ service: 'api' }),
  isStarted: () => true,
  readiness: () => ({ ready: true, checks: {} }),
}

test('serves the probes on its own port, with and without a query string', async (t) => {
  const probes = createProbeServer({ ...sources, host: '127.0.0.1', port: 0 })
  await probes.start()
  t.after(() => probes.stop())
  const { port } = probes.address()
  const statuses = await Promise.all(
    ['livez', 'readyz?verbose', 'startupz', 'metrics', 'v1/messages'].map((path) =>
      fetch(`http://127.0.0.1:${port}/${path}`).then(({ status }) => status),
    ),
  )
  assert.deepEqual(statuses, [200, 200, 200, 200, 404])
})

test('serves the reports of the service, and says so when one cannot be made', async (t) => {
  const reports = { '/scaling': async () => ({ due: 3 }), '/broken': () => Promise.reject(new Error('canary')) }
  const probes = createProbeServer({ ...sources, reports, host: '127.0.0.1', port: 0 })
  await probes.start()
  t.after(() => probes.stop())
  const answers = await Promise.all(
    ['scaling', 'broken', 'toString'].map(async (path) => {
      const response = await fetch(`http://127.0.0.1:${probes.address().port}/${path}`)
      return [response.status, response.headers.get('content-type'), await response.text()]
    }),
  )
  assert.deepEqual(answers, [
    [200, 'application/json', '{"due":3}'],
    [503, 'application/json', '{"ok":false}'],
    [404, 'application/json', '{"ok":false}'],
  ])
})

test('stops although a probe still waits for its answer', async () => {
  const asked = Promise.withResolvers<void>()
  const readiness = () => {
    asked.resolve()
    return new Promise<Readiness>(() => undefined)
  }
  const probes = createProbeServer({ ...sources, readiness, host: '127.0.0.1', port: 0 })
  await probes.start()
  const cut = assert.rejects(fetch(`http://127.0.0.1:${probes.address().port}/readyz`))
  await asked.promise
  await probes.stop()
  await cut
})

test('fails to start on a port that is taken', async (t) => {
  const first = createProbeServer({ ...sources, host: '127.0.0.1', port: 0 })
  await first.start()
  t.after(() => first.stop())
  const second = createProbeServer({ ...sources, host: '127.0.0.1', port: first.address().port })
  await assert.rejects(second.start(), { code: 'EADDRINUSE' })
})
