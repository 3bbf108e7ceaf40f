import { setTimeout as wait } from 'node:timers/promises'
import type { Lane } from '../load.ts'
import { postOnce } from '../load.ts'
import { defineRow } from '../row.ts'
import { instancesNamed } from '../support/instances.ts'

const LANES = 20
/** A message that is not in the ledger yet is answered 404: ask again. */
const ASKS_MAX = 20

defineRow({
  number: 35,
  title: 'cancel races with the claim',
  demand: 'cancelled and never sent, or 409 and sent: never half',
  schedule: (random, bySize) => ({
    // Of each pair: how long after its acceptance it is cancelled.
    delaysMs: Array.from({ length: bySize({ short: 200, usual: 600, full: 2000 }) }, () => random.between(0, 60)),
  }),
  run: async (run, { delaysMs }) => {
    const system = await run.startSystem({ consumers: 2, gatewayEnv: { SANDBOX_LATENCY_MS: '5' } })
    const lanes = await run.createLanes({ instances: instancesNamed('race', 10), recipients: LANES / 10 })
    run.mayEnd('cancelled')
    const answers = new Map<string, number>()
    await Promise.all(lanes.map((lane, at) => raceInLane(lane, at)))
    await run.untilQuiet()

    const left = new Set((await system.gateway.journal()).map(({ content }) => content))
    const [cancelled, refused] = [textsWith(200), textsWith(409)]
    const half = cancelled.filter((text) => left.has(text))
    run.demand('cancelled and sent: none', half.length === 0, half.length)
    const unsent = refused.filter((text) => !left.has(text))
    run.demand('refused and unsent: none', unsent.length === 0, unsent.length)
    run.demand(
      'every cancel was answered 200 or 409',
      cancelled.length + refused.length === delaysMs.length,
      answers.size,
    )
    const close = Math.min(cancelled.length, refused.length) >= delaysMs.length / 50
    run.demand('both sides won', close, `${cancelled.length} cancelled, ${refused.length} refused`)

    async function raceInLane(lane: Lane, at: number): Promise<void> {
      for (let n = at; n < delaysMs.length; n += LANES) {
        const text = `race-${n}`
        const call = await postOnce({ lane, text, policy: run.policy })
        run.noteCall(call)
        await wait(delaysMs[n])
        answers.set(text, await cancel(lane, call.id ?? ''))
      }
    }

    function textsWith(status: number): string[] {
      return [...answers].filter(([, answer]) => answer === status).map(([text]) => text)
    }
  },
})

async function cancel({ account }: Lane, id: string): Promise<number> {
  for (let asks = 1; ; asks++) {
    const { status } = await account.client.call('POST', `/v1/messages/${id}/cancel`)
    if (status !== 404 || asks === ASKS_MAX) return status
  }
}
