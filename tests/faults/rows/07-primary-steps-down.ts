import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { startReplicaSet } from '../support/replica-set.ts'

defineRow({
  number: 7,
  title: "MongoDB's primary steps down under load",
  demand: 'retryable writes succeed, a doubtful claim is read back; lost 0, twice 0',
  schedule: (random, bySize) => ({
    stepDowns: Array.from({ length: bySize({ short: 1, usual: 3, full: 10 }) }, () => random.between(2000, 4000)),
    everyMs: random.between(30, 60),
  }),
  run: async (run, { stepDowns, everyMs }) => {
    const mongo = run.owns(await startReplicaSet(), (set) => set.stop())
    const { gateway } = await run.startSystem({
      mongoUrl: mongo.address,
      gatewayEnv: { SANDBOX_LATENCY_MS: '60', SANDBOX_LATENCY_JITTER_MS: '40' },
    })
    const lanes = await run.createLanes({ instances: ['a', 'b', 'c', 'd'], recipients: 5 })
    const load = run.startLoad({ lanes, messages: 100_000, name: 'm', everyMs })
    await until('some have left', async () => ((await gateway.sent()) >= 60 ? true : undefined))

    for (const thenMs of stepDowns) {
      await mongo.stepDown(4)
      const ledAt = await gateway.sent()
      await until('messages leave again', async () => ((await gateway.sent()) > ledAt ? true : undefined))
      await wait(thenMs)
    }
    await load.stop()
    await run.untilQuiet()
    run.demand('the primary stepped down', true, `${stepDowns.length} times`)
  },
})
