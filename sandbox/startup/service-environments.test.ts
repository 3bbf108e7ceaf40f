import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiEnvironment,
  canaryEnvironment,
  consumerEnvironment,
  evolutionEnvironment,
  type SystemPlan,
} from './service-environments.ts'

const ports = {
  api: 8001,
  apiMetrics: 9464,
  consumerMetrics: 9465,
  canaryMetrics: 9466,
  evolution: 8080,
  prometheus: 9090,
}
const nothingGiven = { kafka: undefined, mongo: undefined, evolution: undefined }
const plan: SystemPlan = { env: { SECRET_KEY: 'kept' }, given: nothingGiven, host: '127.0.0.1', ports }
const addresses = {
  kafka: '127.0.0.1:9092',
  mongo: 'mongodb://127.0.0.1:27017/?replicaSet=rs0',
  evolution: 'http://127.0.0.1:8080',
}

test('services find what was started for them', () => {
  const env = apiEnvironment(plan, addresses)
  assert.equal(env['KAFKA_BROKERS'], addresses.kafka)
  assert.equal(env['MONGO_URL'], addresses.mongo)
  assert.equal(env['EVOLUTION_API_URL'], addresses.evolution)
  assert.equal(env['SECRET_KEY'], 'kept')
})

test('an address that was given is passed on as it was given', () => {
  const env = consumerEnvironment(
    {
      ...plan,
      env: { KAFKA_HOST: 'broker', mongo_connection: 'mongodb://db' },
      given: { ...nothingGiven, kafka: { brokers: ['broker:9092'], prefix: '' }, mongo: 'mongodb://db' },
    },
    addresses,
  )
  assert.equal(env['KAFKA_BROKERS'], undefined)
  assert.equal(env['KAFKA_HOST'], 'broker')
  assert.equal(env['MONGO_URL'], undefined)
  assert.equal(env['mongo_connection'], 'mongodb://db')
})

test('the database that was started is not asked for a password of another', () => {
  const other = { ...plan, env: { MONGO_USERNAME: 'user', MONGO_PASSWORD: 'password' } }
  assert.equal(consumerEnvironment(other, addresses)['MONGO_USERNAME'], '')
  assert.equal(consumerEnvironment(other, addresses)['MONGO_PASSWORD'], '')
})

test('services do not share a port for metrics', () => {
  assert.notEqual(apiEnvironment(plan, addresses)['METRICS_PORT'], consumerEnvironment(plan, addresses)['METRICS_PORT'])
})

test('Evolution reaches the API where it really listens, unless the user knows better', () => {
  const own = { ...plan, env: { EVOLUTION_WEBHOOK_URL: 'https://example.com/events' } }
  assert.equal(apiEnvironment(plan, addresses)['EVOLUTION_WEBHOOK_URL'], 'http://127.0.0.1:8001/v1/evolution/events')
  assert.equal(apiEnvironment(own, addresses)['EVOLUTION_WEBHOOK_URL'], 'https://example.com/events')
})

test('instances of the sandbox open at once unless the user wants to scan', () => {
  assert.equal(evolutionEnvironment(plan, '/state')['SANDBOX_AUTO_OPEN'], 'true')
  const manual = { ...plan, env: { SANDBOX_AUTO_OPEN: 'false' } }
  assert.equal(evolutionEnvironment(manual, '/state')['SANDBOX_AUTO_OPEN'], 'false')
})

test('the canary is told who sends and no secret of the services, and sends from an instance of the user where he names one', () => {
  const system = {
    api: 'http://127.0.0.1:8001',
    admin: { email: 'admin@example.com', password: 'hers' },
    instance: 'canary',
  }
  const secrets = {
    SECRET_KEY: 'a',
    JWT_SECRET: 'b',
    AUTHENTICATION_API_KEY: 'c',
    ADMIN_PASSWORD: 'hers',
    LOG_LEVEL: 'debug',
  }
  const { CANARY_RECIPIENT, ...env } = canaryEnvironment({ ...plan, env: secrets }, system)
  assert.match(CANARY_RECIPIENT ?? '', /^\+\d+$/)
  assert.deepEqual(env, {
    CANARY_INSTANCE: 'canary',
    CANARY_UNTIL: 'read',
    LOG_LEVEL: 'debug',
    HOST: '127.0.0.1',
    METRICS_PORT: '9466',
    API_URL: 'http://127.0.0.1:8001',
    API_EMAIL: 'admin@example.com',
    API_PASSWORD: 'hers',
  })
  const own = canaryEnvironment(
    { ...plan, env: { CANARY_INSTANCE: 'sales', CANARY_RECIPIENT: '+5511999991000' } },
    system,
  )
  assert.deepEqual(
    [own['CANARY_INSTANCE'], own['CANARY_RECIPIENT'], own['CANARY_UNTIL']],
    ['sales', '+5511999991000', undefined],
  )
})
