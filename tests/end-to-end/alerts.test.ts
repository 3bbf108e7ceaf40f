import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type Prometheus, startPrometheus, whyNoPrometheus } from '../support/prometheus.ts'
import { type System, scrapedPrograms, startSystem } from '../support/system.ts'
import { openTopic, type Topic } from '../support/topic.ts'
import { whileRepeating } from '../support/while-repeating.ts'

const TO = '+5511999991000'
const GONE = 410

describe('an alert fires when the running system is broken, and ends when that is over:', {
  skip: whyNoPrometheus(),
}, () => {
  let system: System
  let prometheus: Prometheus
  let topic: Topic
  before(async () => {
    system = await startSystem({
      env: { OUTGOING_PRIVATE_NETWORKS: '127.0.0.0/8' },
      consumerEnv: { ATTEMPTS_MAX: '1', STUCK_AFTER_MINUTES: '0.02' },
      gatewayEnv: { SANDBOX_DELIVERED_AFTER_MS: '50', SANDBOX_READ_AFTER_MS: '100' },
    })
    prometheus = await startPrometheus(() => scrapedPrograms(system))
    topic = await openTopic(system)
    await system.admin.createInstance('sales')
    await sentThrough('sales')
  })
  after(async () => {
    await topic.close()
    await prometheus.stop()
    await system.stop()
  })

  test('Evolution API is away, and whoever needs it is answered 502', async () => {
    await system.gatewayProcess().stop()
    await system.admin.send('sales', TO, 'while it is away')
    const asking = () => system.admin.call('POST', '/v1/instances', { name: `late-${randomUUID()}` })
    await whileRepeating(asking, async () => {
      assert.deepEqual(await prometheus.statesUntil('WhatsAppEvolutionHeld', 'firing'), ['pending', 'firing'])
      await prometheus.statesUntil('WhatsAppApiErrors', 'firing')
    })
    await system.startGateway()
    await prometheus.statesUntil('WhatsAppEvolutionHeld', undefined)
    await prometheus.statesUntil('WhatsAppApiErrors', undefined)
  })

  test('a phone that has something to send is logged out', async () => {
    await system.gateway.setState('sales', 'close')
    await system.admin.send('sales', TO, 'while it is logged out')
    await prometheus.statesUntil('WhatsAppInstancesShut', 'firing')
    await system.gateway.setState('sales', 'open')
    await prometheus.statesUntil('WhatsAppInstancesShut', undefined)
  })

  test('messages are sent, and no receipt comes', async () => {
    for (let n = 0; n < 14; n += 1) await system.admin.send('sales', `+55119${80 + n}990010`, 'never heard of again')
    await prometheus.statesUntil('WhatsAppMessagesStuck', 'firing')
    await prometheus.statesUntil('WhatsAppMessagesStuck', undefined)
  })

  test('events come with a wrong secret', async () => {
    const forged = { event: 'messages.update', instance: 'sales', data: {} }
    const posting = () =>
      system.anonymous.call('POST', '/v1/evolution/events', forged, { 'x-webhook-secret': 'forged' })
    await whileRepeating(posting, async () => {
      assert.deepEqual(await prometheus.statesUntil('WhatsAppEvolutionEventsRefused', 'firing'), ['pending', 'firing'])
    })
    await prometheus.statesUntil('WhatsAppEvolutionEventsRefused', undefined)
  })

  test('an endpoint of a customer is gone for good', async () => {
    const server = createServer((_, res) => res.writeHead(GONE).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    assert.ok(address !== null && typeof address === 'object')
    await system.admin.call('POST', '/v1/webhooks', { url: `http://127.0.0.1:${address.port}` })
    await sentThrough('sales')
    await prometheus.statesUntil('WhatsAppWebhooksSwitchedOff', 'firing')
    server.close()
    await prometheus.statesUntil('WhatsAppWebhooksSwitchedOff', undefined)
  })

  test('somebody else claims what is a consumer’s', async () => {
    await system.admin.createInstance('contested', { perMinute: 1, burst: 1 })
    const ids = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const { body } = await system.admin.send('contested', `+5511988${80_0000 + n}`, 'whose is it')
        return body.id
      }),
    )
    await until('they wait', async () => (await system.store.ledger.read(ids)).length === ids.length || undefined)
    await system.store.ledger.claim({ ids, token: randomUUID(), by: 'somebody else' })
    await system.admin.call('PATCH', '/v1/instances/contested', { pace: { perMinute: 6000, burst: 100 } })
    await prometheus.statesUntil('WhatsAppOwnersDisagree', 'firing')
    await prometheus.statesUntil('WhatsAppOwnersDisagree', undefined)
  })

  test('no API runs', async () => {
    await system.api().stop()
    assert.deepEqual(await prometheus.statesUntil('WhatsAppApiMissing', 'firing'), ['pending', 'firing'])
    await system.startApi()
    await prometheus.statesUntil('WhatsAppApiMissing', undefined)
  })

  test('no consumer runs', async () => {
    await stopConsumers()
    assert.deepEqual(await prometheus.statesUntil('WhatsAppConsumersMissing', 'firing'), ['pending', 'firing'])
    await system.startConsumer()
    await prometheus.statesUntil('WhatsAppConsumersMissing', undefined)
    await sentThrough('sales')
  })

  test('a record in the topic is no message', async () => {
    await topic.publish([{ key: 'sales', value: 'no message' }])
    await prometheus.statesUntil('WhatsAppRecordsUndecodable', 'firing')
    await prometheus.statesUntil('WhatsAppRecordsUndecodable', undefined)
  })

  test('nothing else has fired', async () => {
    assert.deepEqual(await prometheus.firing(), [])
  })

  async function sentThrough(instance: string): Promise<void> {
    const { body } = await system.admin.send(instance, TO, 'as always')
    await system.admin.follow(body.id, ['sent', 'delivered', 'read'])
  }

  async function stopConsumers(): Promise<void> {
    for (const { name, stop } of system.programs()) if (name.startsWith('consumer')) await stop()
  }
})
