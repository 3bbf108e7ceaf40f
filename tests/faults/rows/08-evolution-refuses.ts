import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import type { Asked } from '../../support/gateway.ts'
import { defineRow } from '../row.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'

const GATE_MAX_MS = 5000
const PACE = { perMinute: 600, burst: 5 }
const DRAIN_MIN = 0.9

/** The product knows one Evolution server, so that those of another cannot be looked at. */
defineRow({
  number: 8,
  title: 'Evolution refuses connections',
  demand: 'the gate closes ≤ 5 s; lanes wait and no attempt is used up; the backlog drains at ≥ 90 % of the limit',
  schedule: (random, bySize) => ({
    downMs: bySize({ short: 6000, usual: random.between(15_000, 25_000), full: 300_000 }),
    sentBefore: random.between(40, 80),
    everyMs: random.between(400, 500) + bySize({ short: 150, usual: 0, full: 0 }),
  }),
  run: async (run, { downMs, sentBefore, everyMs }) => {
    let proxy: FaultProxy | undefined
    let gatewayPort = 0
    const { gateway, admin, store } = await run.startSystem({
      gatewayUrlFor: async (port) => {
        gatewayPort = port
        proxy = await startFaultProxy(port)
        return `http://${proxy.address}`
      },
    })
    run.owns(undefined, () => proxy?.close())
    const lanes = await run.createLanes({ instances: ['a', 'b'], recipients: 10, pace: PACE })
    const load = run.startLoad({ lanes, messages: 100_000, name: 'm', everyMs })
    await until('some have left', async () => ((await gateway.sent()) >= sentBefore ? true : undefined))

    const listenedOn = proxy?.port ?? 0
    await proxy?.close()
    proxy = undefined
    const downAt = Date.now()
    await until('the gate is closed', async () => {
      const queued = run.calls().findLast(({ result, endedAt }) => result === 'ok' && endedAt < Date.now() - 300)
      const { body } = await admin.getMessage(queued?.id ?? '')
      return body.waitingFor === 'instance' ? true : undefined
    })
    const closedMs = Date.now() - downAt
    await wait(Math.max(0, downMs - (Date.now() - downAt)))
    await load.stop()
    const rows = store.db.collection<MessageDocument>('messages')
    const backlog = await rows.countDocuments({ open: 1 })
    const backAt = Date.now()
    proxy = await startFaultProxy(gatewayPort, listenedOn)
    await run.untilQuiet(downMs + 120_000)

    run.demand('the gate closes within 5 s', closedMs <= GATE_MAX_MS, `${closedMs} ms`)
    // What was open at the moment may have left, and counts.
    const usedUp = await rows.countDocuments({ attemptsCount: { $gt: 1 }, 'attempts.error.kind': { $ne: 'ambiguous' } })
    run.demand('no attempt is used up', usedUp === 0, usedUp)
    const after = (await gateway.requests()).filter(({ at }) => Date.parse(at) >= backAt)
    const [share, resumedMs] = [drainShare(after), Math.min(...after.map(({ at }) => Date.parse(at))) - backAt]
    run.demand('the backlog is worth draining', backlog > 100, `${backlog} waited`)
    run.demand('it drains at ≥ 90 % of the limit', share >= DRAIN_MIN, `${share.toFixed(2)}, from ${resumedMs} ms on`)
  },
})

/** What the slower instance sent in the first three quarters of its drain, of what its limit allows. */
function drainShare(requests: readonly Asked[]): number {
  const shares = [...Map.groupBy(requests, ({ instance }) => instance).values()].map((ofOne) => {
    const times = ofOne.map(({ at }) => Date.parse(at)).sort((a, b) => a - b)
    const counted = Math.floor(times.length * 0.75)
    const tookMs = (times[counted - 1] ?? 0) - (times[0] ?? 0)
    return (counted - 1) / ((tookMs * PACE.perMinute) / 60_000)
  })
  return Math.min(...shares)
}
