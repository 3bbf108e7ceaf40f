import { setTimeout as wait } from 'node:timers/promises'
import { defineRow } from '../row.ts'
import { freeze } from '../support/freeze.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'

defineRow({
  number: 17,
  title: 'consumer frozen until it is thrown out and its rows are judged, then thawed',
  demand: 'claims nothing before it has rejoined; order and pace are kept; twice at most what was in flight',
  policies: ['resend', 'hold'],
  schedule: (random, bySize) => ({
    recipients: random.between(3, 5),
    frozenMs: bySize({ short: 14_000, usual: 27_000, full: 40_000 }),
    beforeMs: random.between(500, 2500),
  }),
  run: async (run, { recipients, frozenMs, beforeMs }) => {
    const system = await run.startSystem({ consumers: 0, gatewayEnv: { SANDBOX_LATENCY_MS: '150' } })
    const [frozen] = await Promise.all([system.startConsumer(), system.startConsumer()])
    const pace = { perMinute: 120, burst: 2 }
    const quick = instancesNamed('quick', 8)
    const lanes = [
      ...(await run.createLanes({ instances: quick, recipients })),
      ...(await run.createLanes({ instances: instancesNamed('paced', 4), recipients, pace })),
    ]
    await silenceHalf(system.gateway, quick)
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 1500 })
    await wait(beforeMs)

    await freeze(run, frozen)
    await wait(frozenMs)
    process.kill(frozen.pid, 'SIGCONT')
    await wait(5000)
    await load.stop()
    await run.untilQuiet()
  },
})
