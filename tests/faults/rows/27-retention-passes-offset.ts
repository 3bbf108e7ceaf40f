import { setTimeout as wait } from 'node:timers/promises'
import { openTopic, recordOf } from '../../support/topic.ts'
import { defineRow } from '../row.ts'
import { instancesNamed } from '../support/instances.ts'
import { openTopicAdmin } from '../support/topic-admin.ts'

defineRow({
  number: 27,
  title: 'retention passes the committed offset',
  demand: 'alert and exit: no silent skip of the records that are gone',
  schedule: (random) => ({ recipients: random.between(2, 4), gone: random.between(10, 30) }),
  run: async (run, { recipients, gone }) => {
    const system = await run.startSystem({ consumers: 0, partitions: 1 })
    const first = await system.startConsumer()
    const lanes = await run.createLanes({ instances: instancesNamed('late', 3), recipients })
    await run.post({ lanes, messages: 30, name: 'read' })
    await run.untilQuiet()
    await first.stop()

    // Written past the API: these are lost, and nobody was told that they were accepted.
    const topic = run.owns(await openTopic(system), ({ close }) => close())
    const instance = await system.store.instances.findByName('late-0')
    if (instance === undefined) throw new Error('no instance')
    const facts = { user: instance.owner, instance: instance.name, instanceId: instance.id }
    await topic.publish(Array.from({ length: gone }, () => recordOf(facts).raw))
    const admin = run.owns(await openTopicAdmin(system), ({ close }) => close())
    const standsAt = async () => (await admin.committed())[0]?.offset
    const before = await standsAt()
    const end = (await admin.ends())[0]?.offset ?? 0
    await admin.dropUpTo(0, end)
    await run.post({ lanes, messages: 10, name: 'behind' })

    const late = await system.startConsumer().catch((error: unknown) => String(error))
    if (typeof late === 'string') run.demand('the consumer ends and says why', late.includes(SAID), late)
    else {
      const exit = await Promise.race([late.exited, wait(ENDS_WITHIN_MS)])
      const lines = await late.lastLines(40)
      run.demand(
        'the consumer ends and says why',
        exit?.code === 1 && lines.includes(SAID),
        JSON.stringify(exit ?? 'it runs'),
      )
    }
    // kafkajs itself may have moved the group to the first record left, which it writes as -2.
    const after = await standsAt()
    run.demand('nothing was committed over them before', after === before || after === -2, `${before} → ${after}`)
    await system.startConsumer().catch(() => system.startConsumer())
    await run.untilQuiet()
  },
})

const ENDS_WITHIN_MS = 15_000
const SAID = 'the topic dropped their records'
