import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { EmbeddedServer } from '@whatsapp-sender/sandbox/embedded/embedded-server'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { untilQuiet } from '../support/all-sent.ts'
import { judge, lanesOf, NOTHING_WRONG, post } from '../support/load.ts'
import { type System, startSystem } from '../support/system.ts'

let system: System
let broker: EmbeddedServer
let dataDir: string
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'broker-frozen-'))
  broker = await startKafka({ dataDir })
  system = await startSystem({ brokers: broker.address })
})
after(async () => {
  process.kill(broker.pid, 'SIGCONT')
  await system.stop()
  await broker.stop()
  await rm(dataDir, { recursive: true })
})

const FROZEN_MS = 20_000
/** The publisher gives up 10 s after a message came; the rest is the way there and back. */
const ANSWER_MAX_MS = 12_000

test('a broker frozen for 20 s makes no false 202, and loses nothing that was accepted', async (t) => {
  const { admin, gateway } = system
  await admin.createInstance('frozen')
  const lanes = lanesOf(['frozen'], 10)
  const before = await post(admin, lanes, 100, 'before')

  process.kill(broker.pid, 'SIGSTOP')
  const thaw = wait(FROZEN_MS).then(() => process.kill(broker.pid, 'SIGCONT'))
  const began = performance.now()
  const during = await post(admin, lanes, 10, 'during')
  const tookMs = performance.now() - began
  assert.equal(during.filter(({ result }) => result === 'accepted').length, 0, 'no broker, no 202')
  assert.ok(tookMs < ANSWER_MAX_MS, `answered after ${Math.round(tookMs)} ms`)
  await thaw

  const recovered = await until('a message is accepted again', async () => {
    const again = await post(admin, lanes.slice(0, 1), 1, `probe-${performance.now()}`)
    return again[0]?.result === 'accepted' ? again : undefined
  })
  const afterwards = await post(admin, lanes, 50, 'after')
  const posted = [...before, ...during, ...recovered, ...afterwards]
  await untilQuiet(system, posted)
  const findings = judge(posted, await gateway.journal())
  t.diagnostic(`answered within ${Math.round(tookMs)} ms`)
  assert.deepEqual(findings, NOTHING_WRONG)
})
