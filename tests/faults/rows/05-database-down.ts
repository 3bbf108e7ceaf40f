import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { callsWithin } from '../support/calls.ts'
import { requestsBegun } from '../support/flowing.ts'
import { startOwnMongo } from '../support/own-server.ts'

/** A claim that the database made just before may still lead to a request. */
const CLAIMED_BEFORE_MS = 1000
const LOGIN_MAX_MS = 6000

defineRow({
  number: 5,
  title: 'MongoDB is down',
  demand: 'accepts go on, or a clean 503; nothing is sent without a claim; a login is refused ≤ 6 s; lost 0, twice 0',
  schedule: (random, bySize) => ({
    kind: random.pick(['halted', 'frozen', 'black hole']),
    downMs: bySize({ short: 6000, usual: random.between(15_000, 25_000), full: 60_000 }),
    everyMs: random.between(150, 250),
  }),
  run: async (run, { kind, downMs, everyMs }) => {
    const mongo = run.owns(await startOwnMongo(), (server) => server.stop())
    const { gateway, anonymous } = await run.startSystem({
      mongoUrl: mongo.directAddress,
      env: { MONGO_URL: mongo.address },
      gatewayEnv: { SANDBOX_LATENCY_MS: '30' },
    })
    const lanes = await run.createLanes({ instances: ['a', 'b', 'c'], recipients: 4 })
    const load = run.startLoad({ lanes, messages: 100_000, name: 'm', everyMs })
    await until('some have left', async () => ((await gateway.sent()) >= 60 ? true : undefined))

    const downAt = Date.now()
    if (kind === 'halted') await mongo.halt()
    else if (kind === 'frozen') mongo.freeze()
    else mongo.proxy.order({ toServer: { lost: 'waits' }, toClient: { lost: 'waits' } })
    await wait(CLAIMED_BEFORE_MS)
    const loginBegan = performance.now()
    const login = anonymous.call('POST', '/user/login', { email: 'admin@example.com', password: 'wrong' })
    const { status } = await login
    const loginMs = Math.round(performance.now() - loginBegan)
    await wait(Math.max(0, downMs - (Date.now() - downAt)))
    const backAt = Date.now()
    const during = callsWithin(run.calls(), downAt + CLAIMED_BEFORE_MS, backAt)
    if (kind === 'halted') await mongo.restart()
    else if (kind === 'frozen') mongo.thaw()
    else mongo.proxy.order({})
    await wait(2000)
    await load.stop()
    await run.untilQuiet()

    const odd = during.filter(({ result }) => result === 'unknown').length
    const accepted = during.filter(({ result }) => result === 'ok').length
    run.demand(
      'accepts go on, or are refused cleanly',
      odd === 0 && during.length > 0,
      `${accepted} of ${during.length}`,
    )
    const unclaimed = await requestsBegun(gateway, { from: downAt + CLAIMED_BEFORE_MS, to: backAt })
    run.demand('nothing is sent without a claim', unclaimed === 0, unclaimed)
    run.demand('a login is refused with 503', status === 503, status)
    run.demand('a login does not hang', loginMs <= LOGIN_MAX_MS, `${loginMs} ms`)
  },
})
