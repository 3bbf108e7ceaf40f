import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import { defineRow } from '../row.ts'

/** The holder's heartbeat is watched for 20 s, after at most 5 s since the last one, and looked at every 2 s. */
const JUDGED_AFTER_MS = 29_000

defineRow({
  number: 32,
  title: 'a lease ends while its holder is frozen in a call that is answered 201 meanwhile',
  demand:
    'an event tells: sent once; no event: by the policy, and a late 201 still counts while the row is not claimed again',
  policies: ['resend', 'hold'],
  schedule: (random) => ({ calls: random.between(2, 4), beforeMs: random.between(200, 1200) }),
  run: async (run, { calls, beforeMs }) => {
    const system = await run.startSystem({ consumers: 0, env: { EVOLUTION_TIMEOUT_MS: '60000' } })
    const frozen = await system.startConsumer()
    const lanes = await run.createLanes({ instances: ['told', 'untold'], recipients: calls })
    await system.gateway.program('*', { delayMs: 2000 })
    await system.gateway.events('untold', { never: true })
    await run.post({ lanes, messages: lanes.length, name: 'held' })
    await until('calls are open', async () => ((await system.gateway.inFlight()) >= 2 ? true : undefined))
    await wait(beforeMs)

    await run.doubling('freeze', () => process.kill(frozen.pid, 'SIGSTOP'), ['untold'])
    run.owns(frozen, () => frozen.stop())
    const other = await system.startConsumer()
    await system.gateway.program('*', {})
    await wait(JUDGED_AFTER_MS)
    const rows = await system.store.db.collection<MessageDocument>('messages').find().toArray()
    const told = rows.filter(({ instance, claim }) => instance === 'told' && claim !== undefined)
    run.demand(
      'what Evolution has told of is sent, without the answer',
      told.every(({ status }) => status !== 'sending' && status !== 'queued'),
      told.map(({ status }) => status).join(),
    )
    process.kill(frozen.pid, 'SIGCONT')
    await run.untilQuiet()
    if (run.policy === 'hold') {
      const held = await until('late answers are written', async () => {
        const open = await system.store.db.collection('messages').countDocuments({ status: 'unknown' })
        return open === 0 ? 0 : undefined
      }).catch(() => 'some')
      run.demand('late answers ended what was held', held === 0, held)
    }
    await other.stop()
  },
})
