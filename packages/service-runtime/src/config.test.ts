import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { allOrNone, atLeastOne, ConfigError, deepFreeze, parseEnv } from './config.ts'
import { envPort, envSecret } from './env-values.ts'

test('tells all faults of the environment at once, each with the name of its variable', () => {
  const schema = z.object({ PORT: envPort, HOST: z.string(), KEY: envSecret(32) })
  assert.deepEqual(faultsOf(schema, { PORT: 'abc', KEY: 'short' }), [
    'PORT must be a whole number from 0 to 65535',
    'HOST is required',
    'KEY must have at least 32 bytes',
  ])
})

test('takes an empty string for an unset variable', () => {
  assert.deepEqual(
    parseEnv(z.object({ PORT: envPort.default(8000), DIR: z.string().optional() }), { PORT: '', DIR: '' }),
    {
      PORT: 8000,
    },
  )
})

test('repeats no value in a fault, for it may be a secret', () => {
  const schema = z.object({ KEY: envSecret(32), MODE: z.enum(['a', 'b']), PORT: envPort })
  const faults = faultsOf(schema, { KEY: 'canary', MODE: 'canary', PORT: 'canary' })
  assert.equal(faults.length, 3)
  assert.doesNotMatch(faults.join(), /canary/)
})

test('ignores variables that the schema does not name', () => {
  assert.deepEqual(parseEnv(z.object({ A: z.string() }), { A: '1', PATH: '/bin' }), { A: '1' })
})

test('refuses some of the variables that belong together, also while another is at fault', () => {
  const schema = z.object({ PORT: envPort, ...allOrNone({ USER: z.string(), PASSWORD: z.string() }) })
  assert.deepEqual(faultsOf(schema, { PORT: 'x', USER: 'u' }), [
    'PORT must be a whole number from 0 to 65535',
    'PASSWORD must be set together with USER',
  ])
  assert.deepEqual(parseEnv(schema, { PORT: '1' }), { PORT: 1 })
  assert.deepEqual(parseEnv(schema, { PORT: '1', USER: 'u', PASSWORD: 'p' }), { PORT: 1, USER: 'u', PASSWORD: 'p' })
})

test('wants one of several variables, and is content with any', () => {
  const schema = z.object(atLeastOne({ NEW_URL: z.string(), OLD_URL: z.string() }))
  assert.deepEqual(faultsOf(schema, {}), ['NEW_URL is required (or OLD_URL)'])
  assert.deepEqual(parseEnv(schema, { OLD_URL: 'x' }), { OLD_URL: 'x' })
})

test('freezes a configuration down to its leaves', () => {
  const config = deepFreeze({ kafka: { brokers: ['a:1'] } })
  assert.throws(() => config.kafka.brokers.push('b:2'), TypeError)
})

function faultsOf(schema: z.ZodObject, env: NodeJS.ProcessEnv): string[] {
  try {
    parseEnv(schema, env)
  } catch (err) {
    assert.ok(err instanceof ConfigError)
    for (const { variable, message } of err.faults) assert.ok(err.message.includes(`${variable} ${message}`))
    return err.faults.map(({ variable, message }) => `${variable} ${message}`)
  }
  return []
}
