import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { ConfigError, parseEnv } from './config.ts'
import { kafkaConfigOf, kafkaEnv } from './kafka-env.ts'

test('goes to localhost:9092 when no broker is named', () => {
  assert.deepEqual(configOf({}), { brokers: ['localhost:9092'], prefix: '' })
})

test('takes the list of brokers before host and port', () => {
  assert.deepEqual(configOf({ KAFKA_HOST: 'one', KAFKA_PORT: '19092' }).brokers, ['one:19092'])
  assert.deepEqual(configOf({ KAFKA_BROKERS: 'a:1, b:2', KAFKA_HOST: 'one' }).brokers, ['a:1', 'b:2'])
})

test('refuses brokers without a port and prefixes that no topic may have', () => {
  for (const env of [{ KAFKA_BROKERS: 'a' }, { KAFKA_BROKERS: 'a:1,b' }, { KAFKA_PREFIX: 'a/b' }]) {
    assert.throws(() => configOf(env), ConfigError)
  }
})

test('refuses half a SASL login and names what is missing', () => {
  assert.throws(() => configOf({ KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'u' }), {
    faults: [
      {
        variable: 'KAFKA_SASL_PASSWORD',
        message: 'must be set together with KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME',
      },
    ],
  })
})

test('logs in with a whole SASL login', () => {
  const env = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' }
  assert.deepEqual(configOf(env).sasl, { mechanism: 'scram-sha-512', username: 'u', password: 'p' })
})

test('speaks TLS when told to, and whenever authorities are given', () => {
  assert.deepEqual(configOf({ KAFKA_SSL: 'true' }).ssl, {})
  assert.deepEqual(configOf({ KAFKA_SSL_CA: '/ca.pem' }).ssl, { caPath: '/ca.pem' })
})

function configOf(env: NodeJS.ProcessEnv) {
  return kafkaConfigOf(parseEnv(z.object({ ...kafkaEnv }), env))
}
