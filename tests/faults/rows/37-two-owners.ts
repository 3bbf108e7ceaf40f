import { setTimeout as wait } from 'node:timers/promises'
import { createTopics } from '@whatsapp-sender/sandbox/embedded/topics'
import { defineRow } from '../row.ts'
import { freeze } from '../support/freeze.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'
import { metricOf } from '../support/metrics.ts'
import { startOwnBroker } from '../support/own-server.ts'

const TOGETHER_MS = 10_000

defineRow({
  number: 37,
  title: 'two consumers believe they own the same partitions',
  demand:
    'each claim is won once, the loser goes by the ledger: nothing twice, order kept; after a freeze the pace too',
  // Whether a second holds six sends or five is seen only where nothing else makes requests late.
  alone: true,
  schedule: (random, bySize) => ({
    recipients: random.between(4, 7),
    frozenMs: bySize({ short: 13_000, usual: 24_000, full: 30_000 }),
    beforeMs: random.between(500, 2500),
  }),
  run: async (run, { recipients, frozenMs, beforeMs }) => {
    const system = await run.startSystem({ consumers: 0, gatewayEnv: { SANDBOX_LATENCY_MS: '150' } })
    const first = await system.startConsumer()
    const instances = instancesNamed('both', 10)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)

    // Alone in the group of another broker it is given every partition, and the rows are in the ledger that both share.
    const elsewhere = run.owns(await startOwnBroker(), ({ stop }) => stop())
    await createTopics([elsewhere.directAddress], system.prefix, 6)
    await run.post({ lanes, messages: 1200, name: 'both' })
    const second = await system.startConsumer({ KAFKA_BROKERS: elsewhere.address })
    await wait(TOGETHER_MS)
    const lost = [
      await metricOf(first, 'whatsapp_claims_total', 'result="lost"'),
      await metricOf(second, 'whatsapp_claims_total', 'result="lost"'),
    ]
    const won = await metricOf(second, 'whatsapp_claims_total', 'result="won"')
    run.demand(
      'both worked on the same rows',
      won > 0 && lost.some((count) => count > 0),
      `${won} won, ${lost.join(' and ')} lost`,
    )
    await second.stop()
    await run.untilQuiet()

    const paced = await run.createLanes({
      instances: instancesNamed('paced', 4),
      recipients,
      pace: { perMinute: 180, burst: 2 },
    })
    const third = await system.startConsumer()
    const load = run.startLoad({ lanes: paced, messages: Number.POSITIVE_INFINITY, name: 'frozen', everyMs: 1000 })
    await wait(beforeMs)
    await freeze(run, first)
    await wait(frozenMs)
    process.kill(first.pid, 'SIGCONT')
    await wait(4000)
    await load.stop()
    await run.untilQuiet()
    await third.stop()
  },
})
