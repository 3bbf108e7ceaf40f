import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { ConfigError, parseEnv } from './config.ts'
import { mongoConfigOf, mongoEnv } from './mongo-env.ts'

test('goes to the local server and the old database when nothing is set', () => {
  assert.deepEqual(configOf({}), { url: 'mongodb://localhost:27017', database: 'db_api_wppsenderserver' })
})

test('takes the whole connection string before URL and credentials', () => {
  const env = {
    mongo_connection: 'mongodb+srv://u:p@all',
    MONGO_URL: 'mongodb://one',
    MONGO_USERNAME: 'x',
    MONGO_PASSWORD: 'y',
  }
  assert.deepEqual(configOf({ ...env, MONGO_DATABASE: 'd' }), { url: 'mongodb+srv://u:p@all', database: 'd' })
})

test('adds the credentials to the URL', () => {
  assert.deepEqual(configOf({ MONGO_URL: 'mongodb://one', MONGO_USERNAME: 'x', MONGO_PASSWORD: 'y' }), {
    url: 'mongodb://one',
    database: 'db_api_wppsenderserver',
    username: 'x',
    password: 'y',
  })
})

test('refuses half of the credentials and addresses of other databases', () => {
  for (const env of [{ MONGO_USERNAME: 'x' }, { MONGO_PASSWORD: 'y' }, { MONGO_URL: 'postgres://x' }]) {
    assert.throws(() => configOf(env), ConfigError)
  }
})

test('trusts the authorities that are given, and refuses what is none', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n'
  assert.equal(configOf({ mongo_connection: 'mongodb://one', MONGO_TLS_CA: pem }).authorities, pem)
  assert.throws(() => configOf({ MONGO_TLS_CA: '/etc/ca.crt' }), /MONGO_TLS_CA must hold a certificate in PEM/)
})

function configOf(env: NodeJS.ProcessEnv) {
  return mongoConfigOf(parseEnv(z.object({ ...mongoEnv }), env))
}
