import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'

const PACE = { perMinute: 1200, burst: 1 }
/** Of the limit: half, and what the climb back adds meanwhile. */
const SLOWER_MAX = 0.65
const MEASURED_MS = 3000

/** The rate climbs back over five minutes, which a unit test of the pace follows. */
defineRow({
  number: 10,
  title: 'Evolution answers 429 with Retry-After',
  demand: 'silence for that long and no call inside it, then half the rate; no attempt is used up',
  schedule: (random, bySize) => ({
    retryAfterS: bySize({ short: 3, usual: random.between(6, 9), full: 20 }),
    recipients: random.between(8, 12),
  }),
  run: async (run, { retryAfterS, recipients }) => {
    const { gateway, store } = await run.startSystem({ consumers: 2, gatewayEnv: { SANDBOX_LATENCY_MS: '10' } })
    const lanes = await run.createLanes({ instances: ['limited'], recipients, pace: PACE })
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 250 })
    await until('some have left', async () => ((await gateway.sent()) >= 40 ? true : undefined))
    await gateway.program('limited', { status: 429, headers: { 'Retry-After': String(retryAfterS) }, times: 1 })
    await wait(retryAfterS * 1000 + MEASURED_MS + 1000)
    await load.stop()
    await run.untilQuiet()

    const requests = await gateway.requests()
    const refused = requests.find(({ status }) => status === 429)
    const refusedAt = Date.parse(refused?.answeredAt ?? '')
    // Another call may have been open already.
    const inside = requests.filter(({ at }) => {
      const begunAt = Date.parse(at)
      return begunAt > refusedAt + 20 && begunAt < refusedAt + retryAfterS * 1000
    })
    run.demand('it was refused', refused !== undefined, refused?.answeredAt ?? 'never')
    run.demand('no call inside the window', inside.length === 0, inside.length)
    const again = Math.min(...requests.map(({ at }) => Date.parse(at)).filter((at) => at > refusedAt + 20))
    const first = requests.filter(({ at }) => Date.parse(at) >= again && Date.parse(at) < again + MEASURED_MS).length
    const share = first / ((PACE.perMinute * MEASURED_MS) / 60_000)
    run.demand('then half the rate', share <= SLOWER_MAX, `${share.toFixed(2)} of the limit`)
    const counted = await store.db.collection('messages').countDocuments({ attemptsCount: { $gt: 1 } })
    run.demand('no attempt is used up', counted === 0, counted)
  },
})
