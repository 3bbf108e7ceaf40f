import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultyVariables } from '../../../tests/support/faulty-variables.ts'
import { loadConfig } from './config.ts'

const GIVEN = { SECRET_KEY: 's'.repeat(32), AUTHENTICATION_API_KEY: 'key', EVOLUTION_API_URL: 'http://127.0.0.1:8080' }

test('nothing begins later than a broker may have thrown the member out, whatever its session', () => {
  for (const sessionMs of [8000, 10_000, 20_000, 300_000]) {
    const { heartbeatAgeMaxMs } = load({ KAFKA_SESSION_TIMEOUT_MS: String(sessionMs) })
    assert.equal(heartbeatAgeMaxMs, sessionMs - 5000)
  }
  assert.equal(load().heartbeatAgeMaxMs, 15_000)
})

test('a session that leaves no room for three heartbeats before its fence is refused', () => {
  assert.deepEqual(faults({ KAFKA_SESSION_TIMEOUT_MS: '7999' }), ['KAFKA_SESSION_TIMEOUT_MS'])
})

test('a time limit under which a request may outlive its claim is refused', () => {
  assert.equal(load({ EVOLUTION_TIMEOUT_MS: '140000' }).evolution.timeoutMs, 140_000)
  assert.deepEqual(faults({ EVOLUTION_TIMEOUT_MS: '140001' }), ['EVOLUTION_TIMEOUT_MS'])
})

function load(env: NodeJS.ProcessEnv = {}) {
  return loadConfig({ ...GIVEN, ...env })
}

function faults(env: NodeJS.ProcessEnv): string[] {
  return faultyVariables(() => load(env))
}
