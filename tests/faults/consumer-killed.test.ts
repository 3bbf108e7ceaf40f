import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { countOf, LEFT, untilQuiet } from '../support/all-sent.ts'
import { judge, lanesOf, post } from '../support/load.ts'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem({ consumers: 0, gatewayEnv: { SANDBOX_LATENCY_MS: '150' } })
})
after(async () => {
  await system.stop()
})

/** An outcome may take this long from the answer into the ledger. */
const WRITING_MS = 250

test('a consumer killed in mid-send loses nothing and doubles at most what was open or just answered', async (t) => {
  const { admin, gateway } = system
  const instances = Array.from({ length: 10 }, (_, n) => `killed-${n}`)
  for (const instance of instances) await admin.createInstance(instance)
  const consumer = await system.startConsumer()
  const posted = await post(admin, lanesOf(instances, 5), 400)
  await until('some have left', async () => ((await gateway.journal()).length > 60 ? true : undefined))

  process.kill(consumer.pid, 'SIGKILL')
  const killedAt = Date.now()
  const open = await gateway.inFlight()
  await consumer.exited
  const answered = (await gateway.journal()).filter(
    ({ at }) => Math.abs(Date.parse(at) - killedAt) <= WRITING_MS,
  ).length
  await system.startConsumer()
  await untilQuiet(system, posted)

  const { lost, twice, unasked, outOfOrder } = judge(posted, await gateway.journal())
  t.diagnostic(`open at the kill ${open}, answered just before ${answered}, sent twice ${twice}`)
  assert.deepEqual({ lost, unasked, outOfOrder }, { lost: [], unasked: [], outOfOrder: [] })
  assert.ok(open > 0, 'the kill came in mid-send')
  assert.ok(twice <= open + answered, `${twice} sent twice, ${open} open and ${answered} just answered`)
  assert.equal(await countOf(system, LEFT), 400)
})
