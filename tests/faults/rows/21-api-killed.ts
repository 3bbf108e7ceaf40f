import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { idsThatDiffer } from '../support/calls.ts'

defineRow({
  number: 21,
  title: 'the API is killed under load',
  demand: 'clients see resets, repeats under the key are safe; every 202 is sent, the rest once or not at all',
  schedule: (random, bySize) => ({
    kills: Array.from({ length: bySize({ short: 1, usual: 3, full: 10 }) }, () => random.between(500, 2500)),
    recipients: random.between(4, 8),
  }),
  run: async (run, { kills, recipients }) => {
    const { gateway, api, startApi } = await run.startSystem()
    const keyed = await run.createLanes({ instances: ['keyed-a', 'keyed-b'], recipients })
    const another = await run.account('another')
    const plain = await run.createLanes({ instances: ['plain-a', 'plain-b'], recipients, account: another })
    const loads = [
      run.startLoad({ lanes: keyed, messages: 100_000, name: 'keyed', keys: true }),
      run.startLoad({ lanes: plain, messages: 100_000, name: 'plain' }),
    ]
    await until('some have left', async () => ((await gateway.sent()) >= 100 ? true : undefined))

    for (const thenMs of kills) {
      process.kill(api().pid, 'SIGKILL')
      await api().exited
      await startApi()
      await wait(thenMs)
    }
    await Promise.all(loads.map((load) => load.stop()))
    await run.untilQuiet()

    const reset = run.calls().filter(({ status }) => status === undefined).length
    run.demand('clients saw resets', reset > 0, reset)
    const different = idsThatDiffer(run.calls())
    run.demand('the same key gives the same id', different.length === 0, different.join(', ') || 'always')
  },
})
