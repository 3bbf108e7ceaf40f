import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { acceptedAgainMs, slowestMs } from '../support/calls.ts'
import { startOwnBroker } from '../support/own-server.ts'

/** The publisher gives up 10 s after a message came; the rest is the way there and back. */
const ANSWER_MAX_MS = 12_000
const RECOVERY_MAX_MS = 5000

defineRow({
  number: 1,
  title: 'the broker is killed, and comes back',
  demand: '503 within 10 s, never a 202 without its ack; accepting again ≤ 5 s after the broker; lost 0, twice 0',
  schedule: (random, bySize) => ({
    sentBefore: random.between(60, 140),
    goneMs: bySize({ short: 3000, usual: random.between(8000, 12_000), full: 15_000 }),
    everyMs: random.between(60, 120),
  }),
  run: async (run, { sentBefore, goneMs, everyMs }) => {
    const broker = run.owns(await startOwnBroker(), (server) => server.stop())
    const { gateway } = await run.startSystem({ brokers: broker.address })
    const lanes = await run.createLanes({ instances: ['a', 'b', 'c'], recipients: 4 })
    const load = run.startLoad({ lanes, messages: 100_000, name: 'm', everyMs })
    await until('some have left', async () => ((await gateway.sent()) >= sentBefore ? true : undefined))

    await broker.kill()
    const killedAt = Date.now()
    await wait(goneMs)
    await broker.restart()
    const backAt = Date.now()
    await until('it is accepted again', () => (acceptedAgainMs(run.calls(), backAt) < 60_000 ? true : undefined))
    const recoveryMs = acceptedAgainMs(run.calls(), backAt)
    await wait(1000)
    await load.stop()
    await run.untilQuiet()

    const refused = run.calls().filter(({ result, endedAt }) => result !== 'ok' && endedAt > killedAt)
    run.demand('calls were refused meanwhile', refused.length > 0, refused.length)
    run.demand(
      'every refusal is a 503',
      refused.every(({ status }) => status === 503),
      [...new Set(refused.map(({ status }) => status))].join(', '),
    )
    const slowest = slowestMs(run.calls())
    run.demand('every call is answered within 10 s', slowest <= ANSWER_MAX_MS, `${slowest} ms`)
    run.demand('accepting again within 5 s', recoveryMs <= RECOVERY_MAX_MS, `${recoveryMs} ms`)
  },
})
