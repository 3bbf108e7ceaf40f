import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@whatsapp-sender/service-runtime'
import { loadConfig, UsageError } from './config.ts'

const READY = JSON.stringify({
  api: 'http://127.0.0.1:8001',
  admin: { email: 'admin@example.com', password: 'made' },
  kafka: '127.0.0.1:9092',
})
const GIVEN = { API_URL: 'https://wa.example.com/', API_EMAIL: 'ana@example.com', API_PASSWORD: 'three small boats' }

test('the npm start that runs here is asked, unless the environment names another API', () => {
  const here = load([], {}, READY)
  assert.deepEqual([here.baseUrl, here.email, here.password], ['http://127.0.0.1:8001', 'admin@example.com', 'made'])
  const other = load([], GIVEN, READY)
  assert.deepEqual([other.baseUrl, other.email], ['https://wa.example.com', 'ana@example.com'])
})

test('with nobody to ask it says how to name somebody; half a name is a fault', () => {
  assert.throws(
    () => load([], {}),
    (error) => error instanceof UsageError && /API_URL/.test(error.message),
  )
  assert.throws(
    () => load([], { API_URL: GIVEN.API_URL }, READY),
    (error) =>
      error instanceof ConfigError &&
      error.faults.map(({ variable }) => variable).join() === ['API_EMAIL', 'API_PASSWORD'].join(),
  )
})

test('it is live in a terminal, ends after one frame elsewhere, and colours only a terminal that wants them', () => {
  const of = (args: readonly string[], env: NodeJS.ProcessEnv, isTerminal: boolean) => {
    const { output, hasColors } = load(args, env, READY, isTerminal)
    return [output, hasColors]
  }
  assert.deepEqual(of([], {}, true), ['live', true])
  assert.deepEqual(of([], { NO_COLOR: '1' }, true), ['live', false])
  assert.deepEqual(of(['--once'], {}, true), ['once', true])
  assert.deepEqual(of([], {}, false), ['once', false])
  assert.deepEqual(of(['--json'], {}, true), ['json', true])
})

test('arguments that it does not know are refused with those that it does', () => {
  for (const args of [['--twice'], ['--interval', '0'], ['--interval', 'x'], ['now']]) {
    assert.throws(
      () => load(args, {}, READY),
      (error) => error instanceof UsageError && /--once/.test(error.message),
    )
  }
  assert.equal(load(['--interval', '5'], {}, READY).everyMs, 5000)
})

function load(args: readonly string[], env: NodeJS.ProcessEnv, ready?: string, isTerminal = true) {
  return loadConfig(args, env, { readReadyFile: () => ready, isTerminal })
}
