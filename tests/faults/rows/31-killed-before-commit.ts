import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'
import { API_KEY, holdsRequest } from '../support/kafka-requests.ts'
import { startOwnBroker } from '../support/own-server.ts'
import { openTopicAdmin } from '../support/topic-admin.ts'

defineRow({
  number: 31,
  title: 'consumer killed between the insert and the commit',
  demand: 'the next owner reads the records again and loads the rows: nothing lost, nothing twice',
  schedule: (random, bySize) => ({
    recipients: random.between(3, 5),
    kills: Array.from({ length: bySize({ short: 1, usual: 3, full: 20 }) }, () => ({
      messages: random.between(5, 60),
      afterMs: random.between(0, 500),
    })),
  }),
  run: async (run, { recipients, kills }) => {
    const broker = run.owns(await startOwnBroker(), ({ stop }) => stop())
    const system = await run.startSystem({ brokers: broker.address, consumers: 0 })
    let consumer = await system.startConsumer()
    const instances = instancesNamed('early', 4)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)
    // Nothing is in flight at the kills, so that nothing may be doubled by them.
    for (const instance of instances) await pause(instance, true)
    const rows = system.store.db.collection('messages')

    const admin = run.owns(await openTopicAdmin(system), ({ close }) => close())
    for (const [at, { messages, afterMs }] of kills.entries()) {
      // What the last kill left is read and committed: its commit is not the one to hold.
      await until('all is committed', async () => ((await admin.lag()) === 0 ? true : undefined))
      const before = await rows.countDocuments()
      let held = 0
      broker.proxy.order({
        toServer: {
          inspect: (piece) => {
            if (!holdsRequest(piece, API_KEY.offsetCommit)) return 'pass'
            held += 1
            return 'hold'
          },
        },
      })
      await run.post({ lanes, messages, name: `m${at}` })
      await until('rows are there, and a commit is on its way', async () => {
        return held > 0 && (await rows.countDocuments()) > before ? true : undefined
      })
      await wait(afterMs)
      process.kill(consumer.pid, 'SIGKILL')
      await consumer.exited
      // The commits that were held are gone with their connections.
      broker.proxy.resetAll()
      broker.proxy.order({})
      consumer = await system.startConsumer()
    }
    for (const instance of instances) await pause(instance, false)
    await run.untilQuiet()

    async function pause(name: string, paused: boolean): Promise<void> {
      const instance = await system.store.instances.findByName(name)
      if (instance !== undefined) await system.store.instances.configure(instance.id, { paused })
    }
  },
})
