import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import { openTopic, recordOf } from '../../support/topic.ts'
import { defineRow } from '../row.ts'
import { callOf } from '../support/raw-calls.ts'

const GOES_ON_MAX_MS = 1000
const INSTANCE = 'poisoned'

/** A record of a version to come is no poison: it holds its partition until a newer consumer comes. */
defineRow({
  number: 19,
  title: 'poison on the topic: no JSON, no key, a megabyte, a strange version, a wrong shape',
  demand: 'kept with bytes, headers, reason and place; the partition goes on ≤ 1 s; 0 restarts',
  alone: true,
  schedule: (random) => ({
    order: Array.from({ length: 12 }, () => random.between(0, 6)),
    before: random.between(2, 6),
  }),
  run: async (run, { order, before }) => {
    const system = await run.startSystem()
    const topic = run.owns(await openTopic(system), (each) => each.close())
    await run.createLanes({ instances: [INSTANCE], recipients: 1 })
    const { id: user } = await run.account()
    const instanceId = (await system.store.instances.findByName(INSTANCE))?.id ?? ''
    const partition = topic.partitionOf(INSTANCE)
    const fresh = () => recordOf({ user, instance: INSTANCE, instanceId })
    const { record, raw } = fresh()
    const poison = [
      { key: INSTANCE, value: 'not { json', partition },
      { key: INSTANCE, value: null, partition },
      { key: null, value: raw.value, partition },
      { key: 'somebody-else', value: raw.value, partition },
      { key: INSTANCE, value: JSON.stringify({ ...record, content: { text: 'x'.repeat(1_000_000) } }), partition },
      { key: INSTANCE, value: JSON.stringify({ ...record, v: 'one' }), partition },
      { key: INSTANCE, value: JSON.stringify({ ...record, metadata: { 'a\u0000b': 'x' } }), partition },
    ]
    const good = Array.from({ length: before }, fresh)
    await topic.publish(good.map((each) => each.raw))
    await topic.publish(order.flatMap((n) => poison[n] ?? []))
    const last = fresh()
    await topic.publish([last.raw])
    const publishedAt = performance.now()
    for (const each of [...good, last]) run.noteCall(callOf(each.record))
    const rows = system.store.db.collection<MessageDocument>('messages')
    await until('what came after it has left', async () => {
      const row = await rows.findOne({ _id: last.record.id })
      return row?.sentAt === undefined ? undefined : true
    })
    const wentOnMs = Math.round(performance.now() - publishedAt)
    await run.untilQuiet()

    run.demand('the partition goes on within a second', wentOnMs <= GOES_ON_MAX_MS, `${wentOnMs} ms`)
    const kept = await system.store.db.collection('undecodable').find().toArray()
    const whole = kept.filter(
      (each) => each['reason'] && each['headers'] && 'value' in each && each['partition'] === partition,
    )
    run.demand('every poisonous record is kept as it came', whole.length === order.length, whole.length)
    const pids = new Set(
      run
        .observer()
        .processes()
        .map(({ pid }) => pid),
    ).size
    run.demand('nothing was restarted', pids === 3, `${pids} programs`)
  },
})
