import { setTimeout as wait } from 'node:timers/promises'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { defineRow } from '../row.ts'
import { requestsBegun } from '../support/flowing.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'

const LATENCY_MS = 250
/** Messages that may be sent in a second: an instance sends one at a time. */
const INSTANCES = 16
const STANDS_MAX_MS = 5000

defineRow({
  number: 18,
  title: 'members join and leave every 3 s',
  demand: 'never stands still, half the throughput at least, nothing twice, order kept',
  alone: true,
  schedule: (random, bySize) => ({
    recipients: random.between(3, 5),
    moves: bySize({ short: 3, usual: 6, full: 40 }),
    everyMs: 3000,
    baseMs: 8000,
  }),
  run: async (run, { recipients, moves, everyMs, baseMs }) => {
    const system = await run.startSystem({ consumers: 2, gatewayEnv: { SANDBOX_LATENCY_MS: String(LATENCY_MS) } })
    const instances = instancesNamed('storm', INSTANCES)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)
    const perSecond = (INSTANCES * 1000) / LATENCY_MS
    const load = run.startLoad({ lanes, messages: perSecond * 300, name: 'm', everyMs: 750 })
    await wait(3000)
    const baseFrom = Date.now()
    await wait(baseMs)
    const stormFrom = Date.now()

    let third: RunningProcess | undefined
    for (let move = 0; move < moves; move++) {
      const next = wait(everyMs)
      if (third === undefined) third = await system.startConsumer()
      else {
        await third.stop()
        third = undefined
      }
      await next
    }
    const stormTo = Date.now()
    const [base, storm] = [
      (await requestsBegun(system.gateway, { from: baseFrom, to: stormFrom })) / (stormFrom - baseFrom),
      (await requestsBegun(system.gateway, { from: stormFrom, to: stormTo })) / (stormTo - stormFrom),
    ]
    const ratio = storm / base
    run.demand('half the throughput at least', ratio >= 0.5, ratio.toFixed(2))
    const longest = await longestPause(stormFrom, stormTo)
    run.demand('never stands still for 5 s', longest < STANDS_MAX_MS, `${longest} ms`)
    await load.stop()
    await run.untilQuiet(240_000)

    async function longestPause(from: number, to: number): Promise<number> {
      const times = (await system.gateway.requests()).map(({ at }) => Date.parse(at)).sort((a, b) => a - b)
      const inside = [from, ...times.filter((at) => at >= from && at < to), to]
      return Math.max(...inside.map((at, n) => at - (inside[n - 1] ?? at)))
    }
  },
})
