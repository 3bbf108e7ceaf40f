import { setTimeout as wait } from 'node:timers/promises'
import { defineRow } from '../row.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'
import { metricOf } from '../support/metrics.ts'
import { PRELOAD } from '../support/preloads.ts'

const STALL_MS = 5000

defineRow({
  number: 25,
  title: "the consumer's event loop stands still for 5 s",
  demand: 'shorter than session and lease: nobody takes over, nothing twice',
  schedule: (random, bySize) => ({
    recipients: random.between(3, 5),
    stalls: Array.from({ length: bySize({ short: 1, usual: 2, full: 10 }) }, () => random.between(500, 2500)),
  }),
  run: async (run, { recipients, stalls }) => {
    const system = await run.startSystem({ consumers: 0, gatewayEnv: { SANDBOX_LATENCY_MS: '150' } })
    const stalling = await system.startConsumer(PRELOAD.stall(STALL_MS))
    const other = await system.startConsumer()
    const instances = instancesNamed('stall', 10)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)
    const before = await metricOf(other, 'whatsapp_rebalances_total')
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 700 })
    for (const afterMs of stalls) {
      await wait(afterMs)
      process.kill(stalling.pid, 'SIGUSR2')
      await wait(STALL_MS)
    }
    await load.stop()
    await run.untilQuiet()
    const rebalances = (await metricOf(other, 'whatsapp_rebalances_total')) - before
    run.demand('the group was not disturbed', rebalances === 0, rebalances)
    const lost = await metricOf(other, 'whatsapp_claims_total', 'result="lost"')
    run.demand('nobody else claimed', lost === 0, lost)
  },
})
