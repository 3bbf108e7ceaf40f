import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { instancesNamed } from '../support/instances.ts'
import { startOwnMongo } from '../support/own-server.ts'

const GROWTH_MAX_MB = 150

defineRow({
  number: 6,
  title: 'MongoDB takes 2 s for each operation',
  demand: 'batches grow; memory is bounded (< +150 MB); order kept',
  schedule: (random, bySize) => ({
    messages: bySize({ short: 600, usual: 3000, full: 20_000 }),
    latencyMs: random.between(1800, 2200),
    slowMs: bySize({ short: 8000, usual: 20_000, full: 120_000 }),
  }),
  run: async (run, { messages, latencyMs, slowMs }) => {
    const mongo = run.owns(await startOwnMongo(), (server) => server.stop())
    const { gateway } = await run.startSystem({ mongoUrl: mongo.directAddress, env: { MONGO_URL: mongo.address } })
    const lanes = await run.createLanes({ instances: instancesNamed('slow', 10), recipients: 6 })
    await run.post({ lanes, messages: 60, name: 'before' })
    await until('they have left', async () => ((await gateway.sent()) >= 60 ? true : undefined))

    mongo.proxy.order({ toClient: { latencyMs } })
    const load = run.startLoad({ lanes, messages, name: 'slow', everyMs: 5 })
    await wait(slowMs)
    const meanwhile = (await gateway.sent()) - 60
    mongo.proxy.order({})
    await load.done
    await run.untilQuiet()

    run.demand('messages leave meanwhile', meanwhile > 0, meanwhile)
    const grown = mostGrown(run.observer().processes())
    run.demand('memory is bounded', grown < GROWTH_MAX_MB, `+${grown.toFixed(0)} MB`)
  },
})

/** MB that the process grew by which grew most, from its first sample to its highest. */
function mostGrown(samples: readonly Readonly<{ name: string; pid: number; rssMb: number }>[]): number {
  const ours = samples.filter(({ name }) => name !== 'gateway')
  const grown = [...Map.groupBy(ours, ({ pid }) => pid).values()].map(
    (each) => Math.max(...each.map(({ rssMb }) => rssMb)) - (each[0]?.rssMb ?? 0),
  )
  return Math.max(0, ...grown)
}
