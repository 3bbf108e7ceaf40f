import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import type { System } from '../../support/system.ts'
import { defineRow } from '../row.ts'

const PACE = { perMinute: 1200, burst: 1 }
/** Of the limit: half, and what the climb back adds meanwhile. */
const SLOWER_MAX = 0.65
const MEASURED_MS = 3000
/** A call, and an answer, may be on its way for so long. */
const WAY_MS = 200

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
    const attempts = await attemptsOf(store)
    const heard = attempts.find(({ error }) => error?.httpStatus === 429)
    const heardAt = heard === undefined ? Number.NaN : heard.startedAt.getTime() + heard.durationMs
    // By the sender's own clock: what it had begun before it heard may reach Evolution later, as may the refusal it.
    const inside = attempts.filter(({ startedAt }) => {
      const sinceMs = startedAt.getTime() - heardAt
      return sinceMs > 0 && sinceMs < retryAfterS * 1000
    })
    const arrived = requests.filter(({ at }) => {
      const sinceMs = Date.parse(at) - refusedAt
      return sinceMs > WAY_MS && sinceMs < retryAfterS * 1000
    })
    run.demand('it was refused', refused !== undefined, refused?.answeredAt ?? 'never')
    run.demand('the sender heard of it', heard !== undefined, heard?.error?.code ?? 'no')
    run.demand('no call begun inside the window', inside.length === 0, inside.length)
    run.demand('no call arrived inside the window', arrived.length === 0, arrived.length)
    const again = Math.min(...requests.map(({ at }) => Date.parse(at)).filter((at) => at > refusedAt + WAY_MS))
    const first = requests.filter(({ at }) => Date.parse(at) >= again && Date.parse(at) < again + MEASURED_MS).length
    const share = first / ((PACE.perMinute * MEASURED_MS) / 60_000)
    run.demand('then half the rate', share <= SLOWER_MAX, `${share.toFixed(2)} of the limit`)
    const counted = await store.db.collection('messages').countDocuments({ attemptsCount: { $gt: 1 } })
    run.demand('no attempt is used up', counted === 0, counted)
  },
})

const Attempts = z.array(
  z.object({
    attempts: z.array(
      z.object({
        startedAt: z.date(),
        durationMs: z.number(),
        error: z.object({ code: z.string(), httpStatus: z.number().optional() }).optional(),
      }),
    ),
  }),
)

async function attemptsOf({ db }: System['store']) {
  const rows = await db
    .collection('messages')
    .find({ 'attempts.0': { $exists: true } }, { projection: { attempts: 1 } })
    .toArray()
  return Attempts.parse(rows).flatMap(({ attempts }) => attempts)
}
