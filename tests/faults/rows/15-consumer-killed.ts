import { setTimeout as wait } from 'node:timers/promises'
import { defineRow } from '../row.ts'
import { untilAllFlow } from '../support/flowing.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'

const SESSION_MS = 10_000
const DENSE = { everyMs: 700, latencyMs: 120 }
const RARE_AND_SLOW = { everyMs: 1400, latencyMs: 240 }

defineRow({
  number: 15,
  title: 'consumer killed in mid-send, again and again',
  demand: 'another member takes over; all flows again within the session + 5 s; twice at most what was in flight',
  policies: ['resend', 'hold'],
  schedule: (random, bySize) => ({
    recipients: random.between(4, 6),
    // Half as many messages of twice the length: as many are open when the consumer is killed.
    load: bySize({ short: RARE_AND_SLOW, usual: DENSE, full: DENSE }),
    kills: Array.from({ length: bySize({ short: 1, usual: 2, full: 20 }) }, () => ({
      afterMs: random.between(500, 3000),
      victim: random.pick([0, 1]),
    })),
  }),
  run: async (run, { recipients, load: { everyMs, latencyMs }, kills }) => {
    const system = await run.startSystem({
      consumers: 0,
      env: { KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS) },
      gatewayEnv: { SANDBOX_LATENCY_MS: String(latencyMs) },
    })
    const consumers = await Promise.all([system.startConsumer(), system.startConsumer()])
    const instances = instancesNamed('killed', 10)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs })

    const recoveries: number[] = []
    for (const { afterMs, victim } of kills) {
      await wait(afterMs)
      const consumer = consumers[victim]
      if (consumer === undefined) throw new Error('no consumer to kill')
      const killedAt = Date.now()
      await run.doubling('kill', async () => {
        process.kill(consumer.pid, 'SIGKILL')
        await consumer.exited
      })
      recoveries.push(await untilAllFlow(system.gateway, { instances, since: killedAt }))
      consumers[victim] = await system.startConsumer()
    }
    await load.stop()
    await run.untilQuiet()

    const longest = Math.max(...recoveries)
    run.demand('everything flows again within the session + 5 s', longest <= SESSION_MS + 5000, `${longest} ms`)
  },
})
