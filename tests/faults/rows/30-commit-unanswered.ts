import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'
import { API_KEY, holdsRequest } from '../support/kafka-requests.ts'
import { startOwnBroker } from '../support/own-server.ts'

defineRow({
  number: 30,
  title: 'commits of offsets fail after the rows were inserted',
  demand: 'records come again and duplicates are ignored; what is sent stays sent, nothing twice',
  schedule: (random, bySize) => ({
    recipients: random.between(3, 5),
    failures: Array.from({ length: bySize({ short: 2, usual: 4, full: 20 }) }, () => ({
      // The commit arrives and its answer is lost, or it never arrives.
      what: random.pick(['answer', 'request']),
      afterMs: random.between(300, 2000),
      forMs: random.between(500, 3000),
    })),
  }),
  run: async (run, { recipients, failures }) => {
    const broker = run.owns(await startOwnBroker(), ({ stop }) => stop())
    const system = await run.startSystem({ brokers: broker.address, gatewayEnv: { SANDBOX_LATENCY_MS: '50' } })
    const instances = instancesNamed('commit', 6)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 700 })
    let spoilt = 0
    for (const { what, afterMs, forMs } of failures) {
      await wait(afterMs)
      let seen = 0
      const verdict = what === 'answer' ? 'pass-unanswered' : 'hold'
      broker.proxy.order({
        toServer: {
          inspect: (piece) => {
            if (!holdsRequest(piece, API_KEY.offsetCommit)) return 'pass'
            seen += 1
            return verdict
          },
        },
      })
      await until('a commit is under way', () => (seen > 0 ? true : undefined))
      await wait(forMs)
      // What was held is not sent after all.
      broker.proxy.resetAll()
      broker.proxy.order({})
      spoilt += seen
    }
    await load.stop()
    await run.untilQuiet()
    run.demand('commits failed', spoilt >= failures.length, spoilt)
  },
})
