import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { createEvolutionSandbox } from '@whatsapp-sender/sandbox/evolution/sandbox'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { openStore } from '@whatsapp-sender/store'
import { createSandboxFolder } from './run-npm-start.ts'

const run = `test_${process.pid}_${randomBytes(4).toString('hex')}`
const apiKey = randomBytes(16).toString('hex')
const evolution = createEvolutionSandbox({
  host: '127.0.0.1',
  port: await findFreePort(),
  apiKey,
  autoOpen: true,
  latencyMs: 0,
})
const folder = await createSandboxFolder({
  ...process.env,
  KAFKA_PREFIX: `${run}_`,
  MONGO_DATABASE: run,
  EVOLUTION_API_URL: evolution.url,
  AUTHENTICATION_API_KEY: apiKey,
})

after(async () => {
  await folder.remove()
  await evolution.stop()
  const store = await openStore({
    url: process.env['MONGO_URL'] ?? '',
    database: run,
    appName: 'test',
    secretKey: randomBytes(32).toString('hex'),
  })
  await store.db.dropDatabase()
  await store.close()
})

test('servers whose addresses are given are used, and none is started beside them', async () => {
  await evolution.start()
  const { system, sendUntilRead, children, stop } = await folder.start()
  assert.equal(system.kafka, process.env['KAFKA_BROKERS'])
  assert.equal(system.mongo, process.env['MONGO_URL'])
  assert.equal(system.evolution, evolution.url)
  await sendUntilRead()
  assert.equal((await children()).length, 2)
  assert.equal(await stop(), 0)
})
