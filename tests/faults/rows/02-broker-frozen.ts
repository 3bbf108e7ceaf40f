import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { acceptedAgainMs, callsWithin, slowestMs } from '../support/calls.ts'
import { instancesNamed } from '../support/instances.ts'
import { startOwnBroker } from '../support/own-server.ts'

const ANSWER_MAX_MS = 12_000

/**
 * A freeze has to outlive every try of the client, 27 s, so that a send fails whose record the thawed broker then writes.
 * A producer that is used again gives its sequence number to the next batch of the same length, which the broker takes
 * for a repeat and acknowledges without writing it; one recipient for each instance makes the lengths the same.
 */
defineRow({
  number: 2,
  title: 'the broker is frozen and thawed, again and again',
  demand: '503 within 10 s; each failed send retires its producer; lost 0, twice 0',
  schedule: (random, bySize) => ({
    freezes: Array.from({ length: bySize({ short: 1, usual: 2, full: 5 }) }, () => ({
      frozenMs: bySize({ short: 12_000, usual: random.between(28_000, 34_000), full: 45_000 }),
      thenMs: random.between(1500, 3000),
    })),
    everyMs: random.between(30, 80),
  }),
  run: async (run, { freezes, everyMs }) => {
    const broker = run.owns(await startOwnBroker(), (server) => server.stop())
    const { gateway } = await run.startSystem({ brokers: broker.address })
    const lanes = await run.createLanes({ instances: instancesNamed('frozen', 6), recipients: 1 })
    const load = run.startLoad({ lanes, messages: 100_000, name: 'm', everyMs })
    await until('some have left', async () => ((await gateway.sent()) >= 60 ? true : undefined))

    let falselyAccepted = 0
    for (const { frozenMs, thenMs } of freezes) {
      broker.freeze()
      const frozenAt = Date.now()
      await wait(frozenMs)
      const during = callsWithin(run.calls(), frozenAt, Date.now())
      falselyAccepted += during.filter(({ result }) => result === 'ok').length
      const thawedAt = Date.now()
      broker.thaw()
      await until('it is accepted again', () => (acceptedAgainMs(run.calls(), thawedAt) < 60_000 ? true : undefined))
      await wait(thenMs)
    }
    await load.stop()
    await run.untilQuiet()

    run.demand('nothing is accepted by a frozen broker', falselyAccepted === 0, falselyAccepted)
    const slowest = slowestMs(run.calls())
    run.demand('every call is answered within 10 s', slowest <= ANSWER_MAX_MS, `${slowest} ms`)
    const unknown = run.calls().filter(({ result }) => result === 'unknown').length
    run.demand('sends failed whose records may be written', unknown > 0, unknown)
  },
})
