import { setTimeout as wait } from 'node:timers/promises'
import { partitionOf } from '@whatsapp-sender/contract'
import type { MessageDocument } from '@whatsapp-sender/store'
import type { Gateway } from '../../support/gateway.ts'
import type { FaultRun } from '../fault-run.ts'
import type { Call } from '../history.ts'
import { defineRow } from '../row.ts'
import { openTopicAdmin } from '../support/topic-admin.ts'

const PARTITIONS = 6
const PACE = { perMinute: 1200, burst: 5 }
const GROWTH_MAX_MB = 150
/** Below this a machine's own noise is larger than what is asked about. */
const NOISE_MS = 100

defineRow({
  number: 34,
  title: 'an instance is disconnected for long, with much waiting, others on its partition flow',
  demand:
    'no attempts used; others within twice their time; bounded memory; ingest goes on; drains in order at its pace',
  alone: true,
  schedule: (random, bySize) => ({
    recipients: random.between(20, 60),
    waiting: bySize({ short: 300, usual: 800, full: 10_000 }),
    closedMs: bySize({ short: 8000, usual: 20_000, full: 600_000 }),
    baseMs: bySize({ short: 5000, usual: 10_000, full: 60_000 }),
  }),
  run: async (run, { recipients, waiting, closedMs, baseMs }) => {
    const system = await run.startSystem({ partitions: PARTITIONS, gatewayEnv: { SANDBOX_LATENCY_MS: '20' } })
    const [away = '', ...others] = namesOnOnePartition(5)
    const awayLanes = await run.createLanes({ instances: [away], recipients, pace: PACE })
    const otherLanes = await run.createLanes({ instances: others, recipients: 5 })
    const others_ = (name: string) => ({ lanes: otherLanes, messages: Number.POSITIVE_INFINITY, name, everyMs: 400 })

    const base = run.startLoad(others_('base'))
    await wait(baseMs)
    const baseMs99 = await p99(run, system.gateway, await base.stop())

    await system.gateway.setState(away, 'close')
    const rssBefore = consumerRss(run)
    const during = run.startLoad(others_('during'))
    await run.post({ lanes: awayLanes, messages: waiting, name: 'waits' })
    await wait(closedMs)
    const duringMs99 = await p99(run, system.gateway, await during.stop())
    const mostMs = Math.max(2 * baseMs99, NOISE_MS)
    run.demand("others' p99 is below twice its base", duringMs99 < mostMs, `${duringMs99} ms, base ${baseMs99} ms`)
    const grown = consumerRss(run) - rssBefore
    run.demand('memory is bounded', grown < GROWTH_MAX_MB, `${grown.toFixed(0)} MB more`)
    const rows = system.store.db.collection<MessageDocument>('messages')
    const used = await rows.countDocuments({ instance: away, attemptsCount: { $gt: 0 } })
    run.demand('no attempts were used', used === 0, used)
    const admin = run.owns(await openTopicAdmin(system), ({ close }) => close())
    const lag = await admin.lag()
    run.demand('ingest is not held', lag <= 10, `${lag} records behind`)

    await system.gateway.setState(away, 'open')
    const openedAt = Date.now()
    await run.untilQuiet(60_000 + (2 * waiting * 60_000) / PACE.perMinute)
    const left = await system.gateway.journalOf(away)
    const [first, last] = [left[0], left.at(-1)]
    if (first === undefined || last === undefined) throw new Error('nothing left')
    const perMinute = (left.length - PACE.burst) / ((Date.parse(last.at) - Date.parse(first.at)) / 60_000)
    run.demand('drains at its pace', perMinute >= 0.9 * PACE.perMinute, `${perMinute.toFixed(0)} a minute`)
    run.demand('begins soon', Date.parse(first.at) - openedAt < 35_000, `${Date.parse(first.at) - openedAt} ms`)
  },
})

function namesOnOnePartition(count: number): string[] {
  const names: string[] = []
  for (let n = 0; names.length < count; n++) if (partitionOf(`away-${n}`, PARTITIONS) === 0) names.push(`away-${n}`)
  return names
}

/** From the answer 202 to the moment the message left, ms. */
async function p99(run: FaultRun, gateway: Gateway, calls: readonly Call[]): Promise<number> {
  await wait(1000)
  const leftAt = new Map((await gateway.journal()).map(({ content, at }) => [content, Date.parse(at)]))
  const times = calls.flatMap(({ text, endedAt }) => {
    const at = leftAt.get(text)
    return at === undefined ? [] : [Math.max(0, at - endedAt)]
  })
  run.demand('messages of others left', times.length > 20, times.length)
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)] ?? 0
}

function consumerRss(run: FaultRun): number {
  const samples = run.observer().processes()
  return samples.findLast(({ name }) => name.startsWith('consumer'))?.rssMb ?? 0
}
