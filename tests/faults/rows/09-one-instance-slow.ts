import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Sent } from '../../support/gateway.ts'
import type { Call } from '../history.ts'
import { defineRow } from '../row.ts'

/** Below this a p99 is the noise of a machine with other work. */
const BASE_MIN_MS = 40

defineRow({
  number: 9,
  title: 'Evolution takes 30 s for one instance',
  demand: "only its lanes are slow; the other instances' p99 < 2 × base",
  alone: true,
  schedule: (random, bySize) => ({
    delayMs: bySize({ short: 3000, usual: 8000, full: 30_000 }),
    measureMs: bySize({ short: 4000, usual: 10_000, full: 60_000 }),
    everyMs: random.between(150, 250),
  }),
  run: async (run, { delayMs, measureMs, everyMs }) => {
    const { gateway } = await run.startSystem({ gatewayEnv: { SANDBOX_LATENCY_MS: '5' } })
    const others = await run.createLanes({ instances: ['b', 'c', 'd', 'e'], recipients: 5 })
    const slow = await run.createLanes({ instances: ['slow'], recipients: 5 })
    const load = run.startLoad({ lanes: others, messages: 100_000, name: 'm', everyMs })
    await until('some have left', async () => ((await gateway.sent()) >= 100 ? true : undefined))

    const baseAt = Date.now()
    await wait(measureMs)
    await gateway.program('slow', { delayMs })
    const slowAt = Date.now()
    const held = run.startLoad({ lanes: slow, messages: 10, name: 'slow' })
    await wait(measureMs)
    const slowUntil = Date.now()
    await gateway.program('slow', {})
    await Promise.all([load.stop(), held.done])
    await run.untilQuiet()

    const journal = await gateway.journal()
    const others_ = run.calls().filter(({ instance }) => instance !== 'slow')
    const base = Math.max(BASE_MIN_MS, p99Of(others_, journal, { from: baseAt, to: slowAt }))
    const beside = p99Of(others_, journal, { from: slowAt, to: slowUntil })
    run.demand("the others' p99 stays below twice its base", beside < 2 * base, `${beside} ms, base ${base} ms`)
    const slowest = journal.filter(
      ({ instance, at }) => instance === 'slow' && Date.parse(at) < slowAt + delayMs,
    ).length
    run.demand('the one instance was slow', slowest === 0, `${slowest} of it left earlier`)
  },
})

/** ms from the 202 to the phone that 99 of 100 messages stay below. */
function p99Of(calls: readonly Call[], journal: readonly Sent[], { from, to }: Readonly<{ from: number; to: number }>) {
  const leftAt = new Map(journal.map(({ content, at }) => [content, Date.parse(at)]))
  const waits = calls
    .filter(({ endedAt }) => endedAt >= from && endedAt < to)
    .map(({ text, endedAt }) => (leftAt.get(text) ?? Number.POSITIVE_INFINITY) - endedAt)
    .sort((a, b) => a - b)
  return waits[Math.floor(waits.length * 0.99)] ?? Number.POSITIVE_INFINITY
}
