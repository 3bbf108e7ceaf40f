import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { untilQuiet } from '../support/all-sent.ts'
import { judge, lanesOf, NOTHING_WRONG, post } from '../support/load.ts'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem({ consumers: 0, gatewayEnv: { SANDBOX_LATENCY_MS: '150' } })
})
after(async () => {
  await system.stop()
})

test('a consumer told to stop hands over with nothing lost and nothing sent twice', async (t) => {
  const { admin, gateway } = system
  const instances = Array.from({ length: 10 }, (_, n) => `stopped-${n}`)
  for (const instance of instances) await admin.createInstance(instance)
  const [first] = [await system.startConsumer(), await system.startConsumer()]
  const posted = await post(admin, lanesOf(instances, 5), 400)
  await until('some have left', async () => ((await gateway.journal()).length > 60 ? true : undefined))
  assert.ok((await gateway.inFlight()) > 0, 'the stop comes in mid-send')

  const began = performance.now()
  const exit = await first?.stop()
  t.diagnostic(`stopped in ${Math.round(performance.now() - began)} ms`)
  assert.deepEqual(exit, { code: 0, signal: null })
  await untilQuiet(system, posted)

  assert.deepEqual(judge(posted, await gateway.journal()), NOTHING_WRONG)
})
