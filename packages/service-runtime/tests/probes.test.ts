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
