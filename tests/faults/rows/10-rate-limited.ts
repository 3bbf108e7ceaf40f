import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'

defineRow({
  number: 10,
  title: 'Evolution answers 429 with Retry-After',
  demand: 'silence for that long, no call inside it; then it goes on; no attempt is used up',
  schedule: (random, bySize) => ({
    retryAfterS: bySize({ short: 3, usual: random.between(6, 9), full: 20 }),
    messages: random.between(60, 100),
  }),
  run: async (run, { retryAfterS, messages }) => {
    const { gateway, store } = await run.startSystem({ consumers: 2, gatewayEnv: { SANDBOX_LATENCY_MS: '40' } })
    const lanes = await run.createLanes({ instances: ['limited', 'free'], recipients: 4 })
    const load = run.startLoad({ lanes, messages, name: 'm' })
    await until('some have left', async () => ((await gateway.sent()) >= 10 ? true : undefined))
    await gateway.program('limited', { status: 429, headers: { 'Retry-After': String(retryAfterS) }, times: 1 })
    await load.done
    await run.untilQuiet()

    const requests = (await gateway.requests()).filter(({ instance }) => instance === 'limited')
    const refused = requests.find(({ status }) => status === 429)
    const refusedAt = Date.parse(refused?.answeredAt ?? '')
    // Another call may have been open already.
    const inside = requests.filter(({ at }) => {
      const begunAt = Date.parse(at)
      return begunAt > refusedAt + 20 && begunAt < refusedAt + retryAfterS * 1000
    })
    run.demand('it was refused', refused !== undefined, refused?.answeredAt ?? 'never')
    run.demand('no call inside the window', inside.length === 0, inside.length)
    const counted = await store.db.collection('messages').countDocuments({ attemptsCount: { $gt: 1 } })
    run.demand('no attempt is used up', counted === 0, counted)
  },
})
