import { defineRow } from '../row.ts'
import { idsThatDiffer, slowestMs } from '../support/calls.ts'
import { instancesNamed } from '../support/instances.ts'
import { startOwnBroker } from '../support/own-server.ts'

const ANSWER_MAX_MS = 12_000
const CALLERS = 200

defineRow({
  number: 4,
  title: 'connections to the broker are reset every half second, under 200 callers',
  demand: 'retries inside the bounds; lost 0, twice 0',
  schedule: (random, bySize) => ({
    messages: bySize({ short: 1500, usual: 5000, full: 50_000 }),
    resetEveryMs: random.between(400, 600),
  }),
  run: async (run, { messages, resetEveryMs }) => {
    const broker = run.owns(await startOwnBroker(), (server) => server.stop())
    await run.startSystem({ brokers: broker.address })
    const instances = instancesNamed('reset', 10)
    const lanes = await run.createLanes({ instances, recipients: CALLERS / instances.length })
    const load = run.startLoad({ lanes, messages, name: 'm', keys: true })

    let broken = 0
    const resetting = setInterval(() => {
      broken += broker.proxy.resetAll()
    }, resetEveryMs)
    const calls = await load.done
    clearInterval(resetting)
    await run.untilQuiet()

    run.demand('connections were reset', broken >= 5, broken)
    const different = idsThatDiffer(calls)
    run.demand('the same key gives the same id', different.length === 0, different.join(', ') || 'always')
    const slowest = slowestMs(calls)
    run.demand('every call is answered within 10 s', slowest <= ANSWER_MAX_MS, `${slowest} ms`)
    const accepted = calls.filter(({ result }) => result === 'ok').length
    run.demand('everything is accepted at last', accepted === messages, accepted)
  },
})
