import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultyVariables } from '../../../tests/support/faulty-variables.ts'
import { loadConfig } from './config.ts'

const NEEDED = {
  API_URL: 'http://127.0.0.1:8000/',
  API_KEY: 'a key',
  CANARY_INSTANCE: 'canary',
  CANARY_RECIPIENT: '+5511999991000',
}

test('a message goes every ten seconds and has a minute to be delivered, unless told otherwise', () => {
  const { apiUrl, caller, message, intervalMs } = loadConfig(NEEDED)
  assert.deepEqual([apiUrl, caller, intervalMs], ['http://127.0.0.1:8000', { apiKey: 'a key' }, 10_000])
  assert.deepEqual(message, {
    instance: 'canary',
    to: '+5511999991000',
    text: 'Canary',
    until: 'delivered',
    patienceMs: 60_000,
  })
})

test('who sends is a key or an account, never both and never nobody', () => {
  const { API_KEY: _, ...nobody } = NEEDED
  const account = { API_EMAIL: 'ana@example.com', API_PASSWORD: 'three small boats' }
  assert.deepEqual(loadConfig({ ...nobody, ...account }).caller, {
    email: 'ana@example.com',
    password: 'three small boats',
  })
  assert.deepEqual(faults(nobody), ['API_KEY'])
  assert.deepEqual(faults({ ...NEEDED, ...account }), ['API_KEY'])
  assert.deepEqual(faults({ ...nobody, API_EMAIL: 'ana@example.com' }), ['API_PASSWORD'])
})

test('what would flood a number, or reach nobody, is refused, all of it at once', () => {
  const wrong = {
    API_URL: 'api:8000',
    CANARY_RECIPIENT: '11999991000',
    CANARY_INSTANCE: 'a b',
    CANARY_INTERVAL_SECONDS: '0',
    CANARY_PATIENCE_SECONDS: '0',
    CANARY_UNTIL: 'played',
  }
  assert.deepEqual(faults({ ...NEEDED, ...wrong }).sort(), Object.keys(wrong).sort())
})

function faults(env: NodeJS.ProcessEnv): string[] {
  return faultyVariables(() => loadConfig(env))
}
