import { setTimeout as wait } from 'node:timers/promises'
import type { MessageDocument } from '@whatsapp-sender/store'
import { defineRow } from '../row.ts'
import { instancesNamed } from '../support/instances.ts'
import { PRELOAD } from '../support/preloads.ts'

const HOUR_MS = 3_600_000
/** Between the database's clock and that of the gateway, and what a timer is early by. */
const EARLY_MAX_MS = 100

defineRow({
  number: 22,
  title: 'clocks an hour off: each process has another',
  demand: 'no lease is taken early and nothing is sent early',
  schedule: (random, bySize) => ({
    // Of the API, of the first consumer, of the second.
    offsets: random.pick([
      [HOUR_MS, -HOUR_MS, HOUR_MS],
      [-HOUR_MS, HOUR_MS, -HOUR_MS],
      [HOUR_MS, HOUR_MS, -HOUR_MS],
      [-HOUR_MS, -HOUR_MS, HOUR_MS],
    ]),
    slowMs: bySize({ short: 3000, usual: 8000, full: 25_000 }),
    dueInMs: random.between(5000, 9000),
    failRate: random.between(2, 4) / 10,
  }),
  run: async (run, { offsets: [ofApi = 0, ofFirst = 0, ofSecond = 0], slowMs, dueInMs, failRate }) => {
    const system = await run.startSystem({
      consumers: 0,
      env: { RETRY_BASE_MS: '2000' },
      apiEnv: PRELOAD.clockOffset(ofApi),
    })
    await system.startConsumer(PRELOAD.clockOffset(ofFirst))
    await system.startConsumer(PRELOAD.clockOffset(ofSecond))
    const lanes = await run.createLanes({ instances: instancesNamed('clock', 6), recipients: 3 })
    const slow = await run.createLanes({ instances: instancesNamed('slow', 4), recipients: 2 })
    const failing = await run.createLanes({ instances: instancesNamed('failing', 2), recipients: 3 })
    const timed = await run.createLanes({ instances: instancesNamed('timed', 4), recipients: 1 })
    for (const { instance } of slow) await system.gateway.program(instance, { delayMs: slowMs })
    for (const { instance } of failing) await system.gateway.program(instance, { failRate, status: 500 })

    const taken: number[] = []
    const sendAt = Date.now() + dueInMs
    for (const [at, lane] of timed.entries()) {
      const call = await lane.account.client.call<{ id: string }>('POST', '/v1/messages', {
        instance: lane.instance,
        to: lane.to,
        text: `timed-${at}`,
        sendAt: new Date(sendAt).toISOString(),
        onAmbiguous: run.policy,
      })
      taken.push(call.status)
      run.noteCall({
        text: `timed-${at}`,
        user: lane.account.id,
        instance: lane.instance,
        to: lane.to.replace('+', ''),
        policy: run.policy,
        invokedAt: Date.now(),
        endedAt: Date.now(),
        result: call.status === 202 ? 'ok' : 'failed',
        status: call.status,
        id: call.body.id,
      })
    }
    run.demand(
      'times to send at are taken',
      taken.every((status) => status === 202),
      taken.join(),
    )
    await Promise.all([
      run.post({ lanes, messages: 120, name: 'm' }),
      run.post({ lanes: slow, messages: 8, name: 's' }),
      run.post({ lanes: failing, messages: 36, name: 'f' }),
    ])
    // While slow calls are open each consumer would judge the other's rows by its own clock, if it did.
    await wait(slowMs)
    await run.untilQuiet()

    const early = (await system.gateway.journal()).filter(({ content, at }) => {
      return content.startsWith('timed-') && Date.parse(at) < sendAt - EARLY_MAX_MS
    })
    run.demand('nothing scheduled was sent early', early.length === 0, early.map(({ at }) => at).join(', '))
    const judged = await system.store.db
      .collection<MessageDocument>('messages')
      .countDocuments({ 'attempts.error.kind': 'ambiguous' })
    run.demand('no lease was taken', judged === 0, judged)
  },
})
