import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { RECORD_VERSION, textOf } from '@whatsapp-sender/contract'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Instance } from '@whatsapp-sender/store'
import { untilQuiet } from '../support/all-sent.ts'
import { type System, startSystem } from '../support/system.ts'
import { openTopic, recordOf, type Topic } from '../support/topic.ts'

let system: System
let topic: Topic
let readyUrls: string[]
let user: string
before(async () => {
  system = await startSystem({ consumers: 0 })
  readyUrls = [(await system.startConsumer()).readyUrl]
  topic = await openTopic(system)
  user = (await system.store.users.findByEmail('admin@example.com'))?.id ?? assert.fail('no administrator')
})
after(async () => {
  await topic?.close()
  await system?.stop()
})

test('what cannot be read is kept with its reason, and the partition goes on within a second', async (t) => {
  const sales = await createInstance('poisoned')
  const partition = topic.partitionOf('poisoned')
  const { record, raw } = recordFor(sales)
  const known = Buffer.from(JSON.stringify({ ...recordFor(sales).record, added: { later: 1 } }))
  const poison = [
    { key: 'poisoned', value: 'not { json', partition },
    { key: 'poisoned', value: null, partition },
    { key: null, value: raw.value, partition },
    { key: 'somebody-else', value: raw.value, partition },
    { key: 'poisoned', value: JSON.stringify({ ...record, content: { text: 'x'.repeat(1_000_000) } }), partition },
    { key: 'poisoned', value: JSON.stringify({ ...record, metadata: { 'a\u0000b': 'x' } }), partition },
  ]
  const places = await topic.publish([...poison, { ...raw, partition }, { ...raw, value: known, partition }])
  const published = performance.now()
  await follow(record.id, ['sent', 'delivered', 'read'])
  const wentOnMs = Math.round(performance.now() - published)
  t.diagnostic(`the message after the poison had left ${wentOnMs} ms later`)
  assert.ok(wentOnMs < 1000, `${wentOnMs} ms`)

  const kept = await system.store.db.collection('undecodable').find().toArray()
  const reasons = ['not-json', 'empty', 'wrong-key', 'wrong-key', 'wrong-shape', 'wrong-shape']
  assert.deepEqual(
    new Set(kept.map(({ partition, offset, reason }) => `${partition}/${offset} ${reason}`)),
    new Set(reasons.map((reason, n) => `${partition}/${places[n]?.offset} ${reason}`)),
  )
  const big = kept.find(({ offset }) => String(offset) === places[4]?.offset)
  assert.ok(big && big['value'].length() > 1_000_000, 'the bytes are kept as they came')
  await untilQuiet(system, [])
  const left = await system.gateway.journalOf('poisoned')
  assert.equal(left.length, 2, 'a field that is not known does no harm')
})

test('the same record twice, and once more on another partition, is one message and one send', async () => {
  const sales = await createInstance('repeated')
  const { record, raw } = recordFor(sales)
  const other = (topic.partitionOf('repeated') + 1) % topic.partitions
  await topic.publish([raw, raw, { ...raw, partition: other }])
  const { record: last, raw: lastRaw } = recordFor(sales)
  await topic.publish([lastRaw])
  await follow(last.id, ['sent', 'delivered', 'read'])
  await untilQuiet(system, [])
  assert.equal(await rowsOf('repeated'), 2)
  const texts = await system.gateway.journalOf('repeated')
  assert.deepEqual(
    texts.map(({ content }) => content),
    [textOf(record), textOf(last)],
  )
})

test('a record on a partition that is not its own is found by the owner of its instance and sent', async () => {
  readyUrls.push((await system.startConsumer()).readyUrl)
  const names = ['strayed-1', 'strayed-2', 'strayed-3', 'strayed-4']
  for (const name of names) {
    const { record, raw } = recordFor(await createInstance(name))
    await topic.publish([{ ...raw, partition: (topic.partitionOf(name) + 1) % topic.partitions }])
    await follow(record.id, ['sent', 'delivered', 'read'])
  }
})

test('a forged record does not leave through the instance of somebody else', async () => {
  const sales = await createInstance('coveted')
  const { record, raw } = recordOf({ user: 'another-user', instance: 'coveted', instanceId: sales.id })
  await topic.publish([raw])
  const { reason } = await follow(record.id, ['failed'])
  assert.equal(reason.code, 'access-lost')
  assert.deepEqual(await left('coveted'), [])
})

test('a message whose instance is deleted never leaves, not even through a new one of that name', async () => {
  const old = await createInstance('deleted')
  await system.store.instances.markDeleted(old.id)
  // Whoever knows of an instance that is younger than the deletion knows of the deletion.
  const younger = recordFor(await createInstance(nameBeside('deleted')))
  await topic.publish([younger.raw])
  await follow(younger.record.id, ['sent', 'delivered', 'read'])
  const { record, raw } = recordFor(old)
  await topic.publish([raw])
  const { reason } = await follow(record.id, ['failed'])
  assert.equal(reason.code, 'instance-deleted')
  assert.deepEqual(await left('deleted'), [])
})

test('a record of a newer version makes its partition wait and the consumer unready, and others go on', async () => {
  const sales = await createInstance('newer')
  const partition = topic.partitionOf('newer')
  const other = await until('an instance on another partition', async () => {
    const name = `other-${Math.random().toString(36).slice(2)}`
    return topic.partitionOf(name) === partition ? undefined : name
  })
  await until('both consumers are ready', async () => ((await readiness()).includes(503) ? undefined : true))
  const { record: before, raw: beforeRaw } = recordFor(sales)
  const { record: behind, raw: behindRaw } = recordFor(sales)
  const [, newer] = await topic.publish([
    beforeRaw,
    { key: 'newer', value: JSON.stringify({ ...recordFor(sales).record, v: RECORD_VERSION + 1 }) },
    behindRaw,
  ])
  await follow(before.id, ['sent', 'delivered', 'read'])
  await until('what is before it is committed', async () =>
    (await topic.committed(partition)) === newer?.offset ? true : undefined,
  )
  const { record: elsewhere, raw: elsewhereRaw } = recordFor(await createInstance(other))
  await topic.publish([elsewhereRaw])
  await follow(elsewhere.id, ['sent', 'delivered', 'read'])
  assert.equal(await system.store.ledger.findOwned(user, behind.id), undefined)
  assert.equal(await topic.committed(partition), newer?.offset, 'a newer consumer begins with it')
  assert.deepEqual(new Set(await readiness()), new Set([200, 503]), 'whoever has the partition asks for help')
})

async function readiness(): Promise<number[]> {
  return await Promise.all(readyUrls.map(async (url) => (await fetch(url)).status))
}

/** Another name whose partition, and so whose owner, is the same. */
function nameBeside(name: string): string {
  for (let n = 0; ; n++) if (topic.partitionOf(`${name}-${n}`) === topic.partitionOf(name)) return `${name}-${n}`
}

async function createInstance(name: string): Promise<Instance> {
  await system.admin.createInstance(name)
  return (await system.store.instances.findByName(name)) ?? assert.fail(`${name} was not created`)
}

function recordFor({ id, name }: Instance) {
  return recordOf({ user, instance: name, instanceId: id })
}

async function follow(id: string, statuses: readonly string[]) {
  return await until(`${id} is ${statuses.join(' or ')}`, async () => {
    const row = await system.store.db.collection<{ _id: string; status: string }>('messages').findOne({ _id: id })
    return row !== null && statuses.includes(row.status) ? { ...row, reason: Object(row)['reason'] } : undefined
  })
}

async function rowsOf(instance: string): Promise<number> {
  return await system.store.db.collection('messages').countDocuments({ instance })
}

async function left(instance: string) {
  return await system.gateway.journalOf(instance)
}
