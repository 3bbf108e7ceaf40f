import { setTimeout as wait } from 'node:timers/promises'
import { defineRow } from '../row.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'
import { startMongoProxy } from '../support/mongo-proxy.ts'

defineRow({
  number: 29,
  title: 'connections to the database are cut in the middle of a write, again and again',
  demand: 'the whole batch again, duplicates ignored, then the commit: one row for each record, nothing twice',
  schedule: (random, bySize) => ({
    recipients: random.between(5, 8),
    cuts: Array.from({ length: bySize({ short: 5, usual: 15, full: 50 }) }, () => ({
      // From inside the head of a message to inside a batch of many rows.
      bytes: random.pick([random.between(1, 400), random.between(400, 5000), random.between(5000, 60_000)]),
      direction: random.pick(['toServer', 'toClient']),
      afterMs: random.between(50, 600),
      // Long enough for the driver's own second try to be cut as well.
      forMs: random.pick([0, random.between(50, 400)]),
    })),
  }),
  run: async (run, { recipients, cuts }) => {
    const proxy = await startMongoProxy(run)
    const system = await run.startSystem({
      consumerEnv: { MONGO_URL: proxy.url },
      gatewayEnv: { SANDBOX_LATENCY_MS: '50' },
    })
    const instances = instancesNamed('cut', 8)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 400 })
    let cut = 0
    for (const { bytes, direction, afterMs, forMs } of cuts) {
      await wait(afterMs)
      const open = proxy.open()
      proxy.order({ [direction]: { limit: { bytes, ending: 'reset' } } })
      for (let waitedMs = 0; proxy.open() === open && waitedMs < 1000; waitedMs += 10) await wait(10)
      if (proxy.open() !== open) cut += 1
      await wait(forMs)
      proxy.order({})
    }
    run.demand('connections were cut', cut > cuts.length / 2, `${cut} of ${cuts.length}`)
    await load.stop()
    await run.untilQuiet()
  },
})
