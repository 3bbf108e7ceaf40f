import { setTimeout as wait } from 'node:timers/promises'
import { defineRow } from '../row.ts'
import { requestsBegun } from '../support/flowing.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'
import { startMongoProxy } from '../support/mongo-proxy.ts'

/** What was claimed before may still begin, as long as its claim is younger than this. */
const CLAIM_AGE_MAX_MS = 10_000

defineRow({
  number: 33,
  title: 'the database is gone while outcomes wait to be written',
  demand:
    'nothing new is claimed; outcomes are written before leases are judged: nothing twice, or held only for a process killed meanwhile',
  // Under `hold` one of the consumers is killed in the dark as well.
  policies: ['resend', 'hold'],
  schedule: (random, bySize) => ({
    recipients: random.between(3, 5),
    beforeMs: random.between(1000, 3000),
    goneMs: bySize({ short: 16_000, usual: 26_000, full: 60_000 }),
  }),
  run: async (run, { recipients, beforeMs, goneMs }) => {
    const proxy = await startMongoProxy(run)
    const system = await run.startSystem({
      consumers: 0,
      consumerEnv: { MONGO_URL: proxy.url },
      gatewayEnv: { SANDBOX_LATENCY_MS: '600' },
    })
    const consumers = [await system.startConsumer(), await system.startConsumer()]
    const instances = instancesNamed('dark', 10)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 3000 })
    await wait(beforeMs)

    const goneAt = Date.now()
    const [killed] = consumers
    if (run.policy === 'hold' && killed !== undefined) {
      // Whatever it has in flight now, or claimed before, is answered in the dark and dies with it.
      await run.doubling('database gone, and a kill', async () => {
        goDark()
        await wait(goneMs / 2)
        process.kill(killed.pid, 'SIGKILL')
        await killed.exited
      })
    } else {
      goDark()
      await wait(goneMs / 2)
    }
    await wait(goneMs / 2)
    const backAt = Date.now()
    proxy.order({})
    const begun = await requestsBegun(system.gateway, { from: goneAt + CLAIM_AGE_MAX_MS + 1000, to: backAt })
    run.demand('nothing new was sent in the dark', begun === 0, begun)
    await wait(3000)
    await load.stop()
    await run.untilQuiet()

    function goDark(): void {
      proxy.order({ toServer: { lost: 'waits' }, toClient: { lost: 'waits' } })
    }
  },
})
