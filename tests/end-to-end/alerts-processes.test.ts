import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { metricOf } from '../faults/support/metrics.ts'
import { openTopicAdmin } from '../faults/support/topic-admin.ts'
import { type Prometheus, startPrometheus, whyNoPrometheus, whyNotEveryAlert } from '../support/prometheus.ts'
import { type System, scrapedPrograms, startSystem } from '../support/system.ts'
import { whileRepeating } from '../support/while-repeating.ts'

type Consumer = Awaited<ReturnType<System['startConsumer']>>

const CONSUMERS = 4
/** So that processes start, and members join, often enough in a window of some minutes. */
const MINUTE = 3

describe('an alert fires when processes come, go and stand still, and ends when that is over:', {
  skip: whyNotEveryAlert() || whyNoPrometheus(),
}, () => {
  let system: System
  let prometheus: Prometheus
  let consumers: Consumer[]
  before(async () => {
    system = await startSystem({ consumers: 0 })
    consumers = await Promise.all(Array.from({ length: CONSUMERS }, () => system.startConsumer()))
    prometheus = await startPrometheus(() => scrapedPrograms(system), { minute: MINUTE })
    await system.admin.createInstance('sales')
  })
  after(async () => {
    await prometheus.stop()
    await system.stop()
  })

  test('a consumer is frozen while it sends, and another takes over what it holds', async () => {
    await system.gateway.events('sales', { never: true })
    await system.gateway.program('sales', { delayMs: 3000 })
    await system.admin.send('sales', '+5511999991000', 'as always')
    await until('it is being sent', async () => ((await system.gateway.inFlight()) > 0 ? true : undefined))
    const holder = await until('it is known whose it is', () => sending(consumers))
    process.kill(holder.pid, 'SIGSTOP')
    await system.gateway.program('sales', {})
    await until('another has sent it', async () => ((await system.gateway.sent()) > 1 ? true : undefined))
    process.kill(holder.pid, 'SIGCONT')
    await prometheus.statesUntil('WhatsAppMessagesMaybeTwice', 'firing')
  })

  test('somebody comes into the group of the consumers and goes, again and again', async () => {
    const admin = await openTopicAdmin(system)
    await whileRepeating(admin.joinAndLeave, async () => {
      await prometheus.statesUntil('WhatsAppRebalancesGoOn', 'firing')
    })
    await admin.close()
  })

  test('all are killed and start again', async () => {
    await whileRepeating(killAndStartAll, async () => {
      await prometheus.statesUntil('WhatsAppProcessesRestart', 'firing')
    })
    await prometheus.statesUntil('WhatsAppProcessesRestart', undefined)
  })

  test('all is quiet again', async () => {
    await prometheus.statesUntil('WhatsAppMessagesMaybeTwice', undefined)
    await prometheus.statesUntil('WhatsAppRebalancesGoOn', undefined)
    assert.deepEqual(await prometheus.firing(), [])
  })

  async function killAndStartAll(): Promise<void> {
    consumers = await Promise.all(
      consumers.map(async (consumer) => {
        process.kill(consumer.pid, 'SIGKILL')
        await consumer.exited
        return await system.startConsumer({ METRICS_PORT: new URL(consumer.readyUrl).port })
      }),
    )
  }
})

async function sending(consumers: readonly Consumer[]): Promise<Consumer | undefined> {
  for (const consumer of consumers) if ((await metricOf(consumer, 'whatsapp_sends_in_flight')) > 0) return consumer
  return undefined
}
