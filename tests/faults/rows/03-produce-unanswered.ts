import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { acceptedAgainMs, idsThatDiffer, slowestMs } from '../support/calls.ts'
import { startOwnBroker } from '../support/own-server.ts'

const ANSWER_MAX_MS = 12_000

defineRow({
  number: 3,
  title: "the broker's answers are lost, and its writes are not",
  demand: '503 for the batch; the same Idempotency-Key gives the same id; sent once; lost 0',
  schedule: (random, bySize) => ({
    cuts: Array.from({ length: bySize({ short: 1, usual: 2, full: 5 }) }, () => ({
      deafMs: random.between(10_500, 13_000),
      thenMs: random.between(1500, 3000),
    })),
    everyMs: random.between(30, 80),
  }),
  run: async (run, { cuts, everyMs }) => {
    const broker = run.owns(await startOwnBroker(), (server) => server.stop())
    const { gateway } = await run.startSystem({ brokers: broker.address })
    const lanes = await run.createLanes({ instances: ['a', 'b', 'c'], recipients: 5 })
    const load = run.startLoad({ lanes, messages: 100_000, name: 'm', everyMs, keys: true })
    await until('some have left', async () => ((await gateway.sent()) >= 100 ? true : undefined))

    for (const { deafMs, thenMs } of cuts) {
      broker.proxy.order({ toClient: { lost: 'vanishes' } })
      await wait(deafMs)
      const heardAt = Date.now()
      broker.proxy.order({})
      await until('it is accepted again', () => (acceptedAgainMs(run.calls(), heardAt) < 60_000 ? true : undefined))
      await wait(thenMs)
    }
    await load.stop()
    await run.untilQuiet()

    const unknown = run.calls().filter(({ result, status }) => result === 'unknown' && status === 503)
    run.demand('batches were written and answered 503', unknown.length > 0, unknown.length)
    const different = idsThatDiffer(run.calls())
    run.demand('the same key gives the same id', different.length === 0, different.join(', ') || 'always')
    const slowest = slowestMs(run.calls())
    run.demand('every call is answered within 10 s', slowest <= ANSWER_MAX_MS, `${slowest} ms`)
  },
})
