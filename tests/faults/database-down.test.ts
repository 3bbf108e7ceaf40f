import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { EmbeddedServer } from '@whatsapp-sender/sandbox/embedded/embedded-server'
import { startMongo } from '@whatsapp-sender/sandbox/embedded/mongo/start-mongo'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { untilQuiet } from '../support/all-sent.ts'
import { judge, lanesOf, NOTHING_WRONG, post } from '../support/load.ts'
import { type System, startSystem } from '../support/system.ts'

let system: System
let mongo: EmbeddedServer
let dataDir: string
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mongo-down-'))
  mongo = await startMongo({ dataDir })
  system = await startSystem({ mongoUrl: mongo.address, gatewayEnv: { SANDBOX_LATENCY_MS: '100' } })
})
after(async () => {
  await system.stop()
  await mongo.stop()
  await rm(dataDir, { recursive: true })
})

test('with the database down accepts go on, nothing is sent without a claim, and nothing is lost', async () => {
  const { admin, gateway } = system
  const instances = ['dark-0', 'dark-1', 'dark-2']
  for (const instance of instances) await admin.createInstance(instance)
  const lanes = lanesOf(instances, 4)
  const before = await post(admin, lanes, 100, 'before')
  await until('some have left', async () => ((await gateway.journal()).length > 20 ? true : undefined))

  await mongo.stop()
  await until('no call is open', async () => ((await gateway.inFlight()) === 0 ? true : undefined))
  const claimed = (await gateway.journal()).length
  const during = await post(admin, lanes, 60, 'during')
  assert.equal(during.filter(({ result }) => result === 'accepted').length, 60, 'accepts need no database')
  assert.equal((await gateway.journal()).length, claimed, 'nothing leaves without a claim')

  mongo = await startMongo({ dataDir, port: mongo.port, portIsFixed: true })
  const posted = [...before, ...during]
  await untilQuiet(system, posted)
  assert.deepEqual(judge(posted, await gateway.journal()), NOTHING_WRONG)
})
