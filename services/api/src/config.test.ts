import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { faultyVariables } from '../../../tests/support/faulty-variables.ts'
import { loadConfig } from './config.ts'

const ENV = {
  JWT_SECRET: 'j'.repeat(32),
  SECRET_KEY: 's'.repeat(32),
  EVOLUTION_URL: 'http://127.0.0.1:8080/',
  AUTHENTICATION_API_KEY: 'key',
}

describe('the configuration', () => {
  test('needs nothing but the secrets and where Evolution is', () => {
    const config = loadConfig(ENV)
    assert.equal(config.http.port, 8000)
    assert.equal(config.evolution.webhookUrl, 'http://127.0.0.1:8000/v1/evolution/events')
    assert.equal(config.messages.defaultCountry, 'BR')
    assert.deepEqual(config.instanceDefaults, {
      pace: { perMinute: 60, burst: 5 },
      retry: { attemptsMax: 10, baseMs: 500, capMs: 300_000 },
    })
    assert.ok(Object.isFrozen(config.auth))
  })

  test('reports every fault at once, each by its variable', () => {
    const env = { ...ENV, JWT_SECRET: 'short', PORT: 'abc', ENCRYPTION_ALGORITHM: 'none', DEFAULT_COUNTRY: 'XX' }
    assert.deepEqual(faultsOf({ ...env, ADMIN_EMAIL: 'a@example.com' }), [
      'ADMIN_PASSWORD',
      'DEFAULT_COUNTRY',
      'ENCRYPTION_ALGORITHM',
      'JWT_SECRET',
      'PORT',
    ])
  })

  test('one secret must not serve for both', () => {
    assert.deepEqual(faultsOf({ ...ENV, JWT_SECRET: ENV.SECRET_KEY }), ['JWT_SECRET'])
    const SECRET_KEY = `${'n'.repeat(32)}\n${ENV.JWT_SECRET}`
    assert.deepEqual(faultsOf({ ...ENV, SECRET_KEY }), ['JWT_SECRET'])
    assert.deepEqual(faultsOf({ ...ENV, OPERATOR_TOKEN: 'n'.repeat(32), SECRET_KEY: SECRET_KEY.replace('j', 'k') }), [
      'OPERATOR_TOKEN',
    ])
  })

  test("the operator's token is none of the other secrets, and cannot be taken for an API key", () => {
    const others = { ...ENV, AUTHENTICATION_API_KEY: 'e'.repeat(32), ADMIN_EMAIL: 'a@example.com' }
    const env = { ...others, ADMIN_PASSWORD: 'a'.repeat(32) }
    for (const OPERATOR_TOKEN of [env.JWT_SECRET, env.SECRET_KEY, env.AUTHENTICATION_API_KEY, env.ADMIN_PASSWORD]) {
      assert.deepEqual(faultsOf({ ...env, OPERATOR_TOKEN }), ['OPERATOR_TOKEN'])
    }
    for (const OPERATOR_TOKEN of ['o'.repeat(31), `wsk_${'o'.repeat(32)}`, `${'o'.repeat(32)} `]) {
      assert.deepEqual(faultsOf({ ...env, OPERATOR_TOKEN }), ['OPERATOR_TOKEN'])
    }
    assert.deepEqual(faultsOf({ ...env, OPERATOR_TOKEN: 'o'.repeat(32) }), [])
  })
})

function faultsOf(env: NodeJS.ProcessEnv): string[] {
  return faultyVariables(() => loadConfig(env)).sort()
}
