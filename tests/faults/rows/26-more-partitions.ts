import { setTimeout as wait } from 'node:timers/promises'
import { defineRow } from '../row.ts'
import { instancesNamed } from '../support/instances.ts'
import { openTopicAdmin } from '../support/topic-admin.ts'

/** Both sides ask for the count once a minute; then a rebalance. */
const SEEN_WITHIN_MS = 70_000

defineRow({
  number: 26,
  title: 'the topic gets more partitions',
  demand: 'both sides see them within a minute; nothing lost, nothing twice',
  schedule: (random) => ({
    recipients: random.between(2, 4),
    partitions: random.between(9, 14),
    afterMs: random.between(1000, 5000),
  }),
  run: async (run, { recipients, partitions, afterMs }) => {
    const system = await run.startSystem({ consumers: 2, gatewayEnv: { SANDBOX_LATENCY_MS: '50' } })
    const lanes = await run.createLanes({ instances: instancesNamed('spread', 12), recipients })
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 1500 })
    await wait(afterMs)

    const admin = run.owns(await openTopicAdmin(system), ({ close }) => close())
    const before = (await admin.ends()).length
    await admin.growTo(partitions)
    const addedAt = Date.now()
    /** Messages lie in some partition that is new, and are read there. */
    const isSeen = async (): Promise<boolean> => {
      const filled = (await admin.ends()).filter(({ partition, offset }) => partition >= before && offset > 0)
      const read = (await admin.committed()).filter(({ partition, offset }) => partition >= before && offset > 0)
      return filled.length > 0 && read.length >= filled.length
    }
    while (!(await isSeen().catch(() => false)) && Date.now() - addedAt < 2 * SEEN_WITHIN_MS) await wait(500)
    const seenMs = Date.now() - addedAt
    run.demand('both sides saw the new ones in time', seenMs <= SEEN_WITHIN_MS, `${seenMs} ms`)
    await wait(3000)
    await load.stop()
    await run.untilQuiet()
  },
})
