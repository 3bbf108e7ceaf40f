import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { loadConfig } from '../src/config.ts'
import { createService } from '../src/service.ts'

test('while the API server is away the operator runs, says that it is not ready, and stops when asked to', async () => {
  const config = loadConfig({ WATCH_NAMESPACE: 'test', METRICS_PORT: '0' })
  const nobody = async () => ({ server: 'http://127.0.0.1:9', tls: {}, headers: {} })
  const logger = createLogger({ service: 'operator', level: 'silent' })
  const service = createService(config, { logger, readCredentials: nobody })
  await service.start()
  const address = `http://127.0.0.1:${service.metricsAddress().port}`
  assert.equal((await fetch(`${address}/livez`)).status, 200)
  const ready = await fetch(`${address}/readyz`)
  assert.equal(ready.status, 503)
  assert.deepEqual(await ready.json(), { ready: false, checks: { resources: 'not read yet' } })
  const metrics = await (await fetch(`${address}/metrics`)).text()
  assert.match(metrics, /whatsapp_operator_leader\{[^}]*\} 0/)
  assert.match(metrics, /whatsapp_operator_cache_silent_seconds\{kind="WhatsAppSender"/)
  await service.stop()
})
