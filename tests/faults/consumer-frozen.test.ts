import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { untilQuiet } from '../support/all-sent.ts'
import { judge, lanesOf, post } from '../support/load.ts'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem({ consumers: 0, gatewayEnv: { SANDBOX_LATENCY_MS: '150' } })
})
after(async () => {
  await system.stop()
})

test('a consumer frozen until the group has thrown it out, and thawed, loses nothing and keeps the order', async (t) => {
  const { admin, gateway } = system
  const instances = Array.from({ length: 10 }, (_, n) => `frozen-${n}`)
  for (const instance of instances) await admin.createInstance(instance)
  const frozen = await system.startConsumer()
  const posted = await post(admin, lanesOf(instances, 5), 300)
  await until('some have left', async () => ((await gateway.journal()).length > 60 ? true : undefined))

  process.kill(frozen.pid, 'SIGSTOP')
  const open = await gateway.inFlight()
  await system.startConsumer()
  await until('the other consumer sends', async () => {
    const before = (await gateway.journal()).length
    return (await gateway.inFlight()) > 0 && before > 120 ? true : undefined
  })
  process.kill(frozen.pid, 'SIGCONT')
  await untilQuiet(system, posted)

  const { lost, twice, unasked, outOfOrder } = judge(posted, await gateway.journal())
  t.diagnostic(`open when it froze ${open}, sent twice ${twice}`)
  assert.deepEqual({ lost, unasked, outOfOrder }, { lost: [], unasked: [], outOfOrder: [] })
  assert.ok(twice <= open, `${twice} sent twice, ${open} open when it froze`)
})
