import { openTopic, recordOf } from '../../support/topic.ts'
import { defineRow } from '../row.ts'
import { callOf } from '../support/raw-calls.ts'

const INSTANCES = ['repeated', 'again'] as const

defineRow({
  number: 20,
  title: 'records come twice, and with the same id in two partitions',
  demand: 'the second insert is ignored; twice 0',
  schedule: (random, bySize) => ({
    records: Array.from({ length: bySize({ short: 60, usual: 200, full: 2000 }) }, (_, n) => ({
      instance: random.pick(INSTANCES),
      to: `+5511972001${String(100 + (n % 20))}`,
      /** Partitions after its own in which it stands as well. */
      also: Array.from({ length: random.between(0, 2) }, () => random.between(0, 3)),
    })),
  }),
  run: async (run, { records }) => {
    const system = await run.startSystem({ consumers: 2 })
    const topic = run.owns(await openTopic(system), (each) => each.close())
    await run.createLanes({ instances: INSTANCES, recipients: 1 })
    const { id: user } = await run.account()
    const ids = new Map<string, string>()
    for (const name of INSTANCES) ids.set(name, (await system.store.instances.findByName(name))?.id ?? '')
    for (const { instance, to, also } of records) {
      const { record, raw } = recordOf({ user, instance, instanceId: ids.get(instance) ?? '', to })
      const copies = also.map((n) => ({ ...raw, partition: (topic.partitionOf(instance) + n) % topic.partitions }))
      await topic.publish([raw, ...copies])
      run.noteCall(callOf(record))
    }
    await run.untilQuiet()
    const rows = await system.store.db.collection('messages').countDocuments()
    run.demand('one row for each message', rows === records.length, rows)
  },
})
