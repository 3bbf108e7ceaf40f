import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { acceptedAgainMs, callsWithin, slowestMs } from '../support/calls.ts'
import { startOwnBroker } from '../support/own-server.ts'

const ANSWER_MAX_MS = 12_000

/**
 * A freeze has to outlive the client's own deadline of 10 s, so that a send fails whose record the thawed broker then
 * writes: that is what a producer which is used again turns into a lost message.
 */
defineRow({
  number: 2,
  title: 'the broker is frozen and thawed, again and again',
  demand: '503 within 10 s; each failed send retires its producer; lost 0, twice 0',
  schedule: (random, bySize) => ({
    freezes: Array.from({ length: bySize({ short: 1, usual: 3, full: 5 }) }, () => ({
      frozenMs: bySize({ short: 12_000, usual: random.between(11_000, 16_000), full: 45_000 }),
      thenMs: random.between(1500, 3000),
    })),
    everyMs: random.between(30, 80),
  }),
  run: async (run, { freezes, everyMs }) => {
    const broker = run.owns(await startOwnBroker(), (server) => server.stop())
    const { gateway } = await run.startSystem({ brokers: broker.address })
    const lanes = await run.createLanes({ instances: ['a', 'b', 'c'], recipients: 5 })
    const load = run.startLoad({ lanes, messages: 100_000, name: 'm', everyMs })
    await until('some have left', async () => ((await gateway.sent()) >= 100 ? true : undefined))

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
