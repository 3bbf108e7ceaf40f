import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createEvolutionSandbox } from '@whatsapp-sender/sandbox/evolution/sandbox'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { gatewayAt } from '../support/gateway.ts'
import { type System, startSystem } from '../support/system.ts'

const SECOND_KEY = randomBytes(16).toString('hex')

type InstanceView = Readonly<{ state: string; holding?: Readonly<{ reason: string }> }>

let system: System
const second = createEvolutionSandbox({
  host: '127.0.0.1',
  port: 0,
  apiKey: SECOND_KEY,
  autoOpen: true,
  latencyMs: 0,
  deliveredAfterMs: 100,
  readAfterMs: 200,
})
const atSecond = () => gatewayAt(second.url)

before(async () => {
  await second.start()
  system = await startSystem()
  const server = { name: 'second', url: second.url, apiKey: SECOND_KEY }
  const added = await system.admin.call('POST', '/v1/admin/evolution-servers', server)
  assert.equal(added.status, 201)
  await system.admin.createInstance('here')
  const there = await system.admin.call('POST', '/v1/instances', { name: 'there', evolutionServer: 'second' })
  assert.equal(there.status, 201, JSON.stringify(there.body))
})
after(async () => {
  await system.stop()
  await second.stop()
})

test('each message leaves through the Evolution server of its instance, and its receipts come back from there', async () => {
  const [here, there] = [await send('here', '+5511988886001'), await send('there', '+5511988886002')]
  for (const id of [here, there]) await system.admin.follow(id, ['read'], 60_000)
  assert.deepEqual(instancesIn(await system.gateway.journal()), ['here'])
  assert.deepEqual(instancesIn(await atSecond().journal()), ['there'])
})

test('while one Evolution server fails, what is for another goes on, and what is for it waits without an attempt', async () => {
  await atSecond().program('*', { failRate: 1 })
  const held: string[] = []
  for (let n = 0; n < 10; n++) held.push(await send('there', `+551198888610${n}`))
  await until('its breaker holds it', async () => (await instance('there')).holding?.reason === 'breaker' || undefined)
  const others: string[] = []
  for (let n = 0; n < 10; n++) others.push(await send('here', `+551198888620${n}`))
  for (const id of others) await system.admin.follow(id, ['sent', 'delivered', 'read'], 30_000)
  assert.equal((await instance('here')).holding, undefined)
  for (const id of held) assert.ok(['queued', 'sending'].includes((await system.admin.getMessage(id)).body.status))
  await atSecond().program('*', {})
  for (const id of held) await system.admin.follow(id, ['sent', 'delivered', 'read'], 60_000)
  const rows = system.store.db.collection<{ _id: string }>('messages')
  assert.deepEqual(await rows.distinct('attemptsCount', { _id: { $in: [...held, ...others] } }), [1])
})

async function send(name: string, to: string): Promise<string> {
  const { status, body } = await system.admin.send(name, to, `to ${to}`)
  assert.equal(status, 202)
  return body.id
}

async function instance(name: string): Promise<InstanceView> {
  return (await system.admin.call<InstanceView>('GET', `/v1/instances/${name}`)).body
}

function instancesIn(journal: readonly Readonly<{ instance: string }>[]): string[] {
  return [...new Set(journal.map((each) => each.instance))]
}
