import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Instance } from '@whatsapp-sender/store'
import { emptyLedger, seedLedger } from '../ledger/seed-ledger.ts'
import type { Sent } from '../system/gateway.ts'
import { startConsumer } from '../system/programs.ts'
import { judge } from './judge.ts'
import type { DrainParts } from './measure-drain.ts'
import { perSecondOf } from './per-second.ts'
import { planWithHotLanes } from './plan.ts'

export type HotLane = Readonly<{
  /** All that left while others waited. */
  perSecond: number
  /** Part of it that went to the others. */
  othersShare: number
  peak: number
  broken: readonly string[]
}>

/**
 * A thousand messages to one recipient at the head of every instance, in the ledger before the consumer starts: measured
 * until everybody behind them has theirs.
 */
export async function measureHotLane(
  parts: DrainParts,
  fleet: readonly Instance[],
  sizes: Readonly<{ hot: number; others: number }>,
): Promise<HotLane> {
  const { installation, gateway } = parts
  const plan = [...planWithHotLanes(fleet, { ...sizes, name: 'hot lane' })]
  const others = new Set(plan.slice(sizes.hot * fleet.length).map(({ text }) => text))
  await seedLedger(installation.store, plan)
  const before = await gateway.stats()
  await gateway.resetPeak()
  const consumer = await startConsumer(installation, { MAX_IN_FLIGHT: String(parts.inFlightMax) })
  try {
    const sent: Sent[] = []
    let missing = others.size
    await until(
      'everybody behind the hot lanes has theirs',
      async () => {
        // Only what is new: to read it all each time would cost the gateway's core as much as the gateway does.
        const more = await gateway.sentSince(before.sent + sent.length)
        for (const each of more) sent.push(each)
        missing -= more.filter(({ content }) => others.has(content)).length
        return missing <= 0 ? true : undefined
      },
      { timeoutMs: 300_000, everyMs: 1000 },
    )
    const { inFlightPeak: peak } = await gateway.stats()
    const last = sent.findLastIndex(({ content }) => others.has(content)) + 1
    const { twice, outOfOrder, unasked } = judge(plan, sent)
    return {
      perSecond: perSecondOf((await gateway.requestsSince(before.requests)).slice(0, last)),
      othersShare: others.size / last,
      peak,
      broken: Object.entries({ twice, outOfOrder, unasked }).flatMap(([what, count]) =>
        count > 0 ? [`hot lane, ${what}: ${count}`] : [],
      ),
    }
  } finally {
    await consumer.stop()
    await emptyLedger(installation.store)
  }
}
