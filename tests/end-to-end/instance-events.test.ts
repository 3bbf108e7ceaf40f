import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type EventsTopic, followEvents } from '../support/events-topic.ts'
import { type System, startSystem } from '../support/system.ts'

type Delivery = Readonly<{ id: string; type: string }>

let system: System
let topic: EventsTopic
before(async () => {
  system = await startSystem({
    env: { KAFKA_SESSION_TIMEOUT_MS: '8000', OUTGOING_PRIVATE_NETWORKS: '127.0.0.0/8' },
    consumers: 2,
  })
  await system.admin.createInstance('sales')
  topic = await followEvents(system)
})
after(async () => {
  await topic.close()
  await system.stop()
})

test('an instance that loses its phone and gets one again is told once, in the topic and to webhooks, while two consumers run', async () => {
  const { admin } = system
  await until('it is connected', async () => ((await stateOf('sales')) === 'open' ? true : undefined))
  const url = `http://127.0.0.1:${await findFreePort()}/hooks`
  const made = await admin.call<{ id: string }>('POST', '/v1/webhooks', {
    url,
    events: ['instance.disconnected', 'instance.connected', 'qr.needed'],
  })
  assert.equal(made.status, 201)

  assert.equal((await admin.call('POST', '/v1/instances/sales/logout')).status, 200)
  await told(['instance.disconnected', 'qr.needed'])
  await until(
    'the API shows since when a code is needed',
    async () => Date.parse((await qrNeededAt()) ?? '') || undefined,
  )
  await system.gateway.setState('sales', 'open')
  await told(['instance.disconnected', 'qr.needed', 'instance.connected'])

  const expected = distinct(topic.ofInstance('sales')).slice(-3)
  const deliveries = await until('deliveries are made of it', async () => {
    const answer = await admin.call<{ data: Delivery[] }>('GET', `/v1/webhooks/${made.body.id}/deliveries`)
    return answer.body.data.length >= 3 ? answer.body.data : undefined
  })
  assert.deepEqual(deliveries.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort())
  await until('the API shows that none is', async () => ((await qrNeededAt()) === undefined ? true : undefined))
})

async function qrNeededAt(): Promise<string | undefined> {
  return (await system.admin.call<{ qrNeededAt?: string }>('GET', '/v1/instances/sales')).body.qrNeededAt
}

/** The last of what is told of the instance, in whatever order what came together did. */
async function told(types: readonly string[]): Promise<void> {
  await until(`${types.join()} is told`, () => {
    const last = distinct(topic.ofInstance('sales')).slice(-types.length)
    return (
      last
        .map(({ type }) => type)
        .sort()
        .join() === [...types].sort().join() || undefined
    )
  })
}

function distinct<E extends Readonly<{ id: string }>>(events: readonly E[]): E[] {
  return [...new Map(events.map((event) => [event.id, event])).values()]
}

async function stateOf(name: string): Promise<string | undefined> {
  return (await system.store.instances.findByName(name))?.state
}
