import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type Prometheus, startPrometheus, whyNoPrometheus } from '../support/prometheus.ts'
import { type System, startSystem } from '../support/system.ts'
import { openTopic } from '../support/topic.ts'

const TO = '+5511999991000'
/** A minute of the alerts is a second here, and an hour twenty. */
const LONGEST = { timeoutMs: 120_000, everyMs: 200 }

describe('an alert fires when the running system is broken, and ends when that is over:', {
  skip: whyNoPrometheus(),
}, () => {
  let system: System
  let prometheus: Prometheus
  before(async () => {
    system = await startSystem()
    prometheus = await startPrometheus(() =>
      system
        .programs()
        .filter(({ name }) => name === 'api' || name.startsWith('consumer'))
        .map(({ readyUrl }) => new URL(readyUrl).host),
    )
    await system.admin.createInstance('sales')
    await sentThrough('sales')
  })
  after(async () => {
    await prometheus.stop()
    await system.stop()
  })

  test('Evolution API is away', async () => {
    const running = system.gatewayProcess()
    await running.stop()
    await system.admin.send('sales', TO, 'while it is away')
    assert.deepEqual(await statesUntil('WhatsAppEvolutionHeld', 'firing'), ['pending', 'firing'])
    await system.startGateway()
    await statesUntil('WhatsAppEvolutionHeld', undefined)
  })

  test('a phone that has something to send is logged out', async () => {
    await system.gateway.setState('sales', 'close')
    await system.admin.send('sales', TO, 'while it is logged out')
    await statesUntil('WhatsAppInstancesShut', 'firing')
    await system.gateway.setState('sales', 'open')
    await statesUntil('WhatsAppInstancesShut', undefined)
  })

  test('no consumer runs', async () => {
    for (const { name, stop } of system.programs()) if (name.startsWith('consumer')) await stop()
    assert.deepEqual(await statesUntil('WhatsAppConsumersMissing', 'firing'), ['pending', 'firing'])
    await system.startConsumer()
    await statesUntil('WhatsAppConsumersMissing', undefined)
    await sentThrough('sales')
  })

  test('a record in the topic is no message', async () => {
    const topic = await openTopic(system)
    await topic.publish([{ key: 'sales', value: 'no message' }])
    await topic.close()
    await statesUntil('WhatsAppRecordsUndecodable', 'firing')
    await statesUntil('WhatsAppRecordsUndecodable', undefined)
  })

  test('nothing else has fired', async () => {
    assert.deepEqual(await prometheus.firing(), [])
  })

  /** The states that an alert goes through on its way to this one. */
  async function statesUntil(alert: string, end: 'firing' | undefined): Promise<readonly string[]> {
    const states = new Set<string>()
    await until(
      `${alert} is ${end ?? 'quiet'}`,
      async () => {
        const state = await prometheus.stateOf(alert)
        if (state !== undefined) states.add(state)
        return state === end || undefined
      },
      LONGEST,
    )
    return [...states]
  }

  async function sentThrough(instance: string): Promise<void> {
    const { body } = await system.admin.send(instance, TO, 'as always')
    await system.admin.follow(body.id, ['sent', 'delivered', 'read'])
  }
})
