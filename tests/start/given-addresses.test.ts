import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createFolderOfGivenServers } from './given-servers.ts'

const folder = await createFolderOfGivenServers()
after(() => folder.remove())

test('servers whose addresses are given are used, and none is started beside them', async () => {
  const { system, sendUntilRead, children, stop } = await folder.start()
  assert.equal(system.kafka, process.env['KAFKA_BROKERS'])
  assert.equal(system.mongo, process.env['MONGO_URL'])
  assert.equal(system.evolution, folder.evolutionUrl)
  await sendUntilRead()
  assert.equal((await children()).length, 2)
  assert.equal(await stop(), 0)
})
