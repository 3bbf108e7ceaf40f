import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { UNANSWERED_LOOK_UP } from '../faults/support/answers.ts'
import { metricOf } from '../faults/support/metrics.ts'
import { type Prometheus, startPrometheus, whyNoPrometheus, whyNotEveryAlert } from '../support/prometheus.ts'
import { type System, scrapedPrograms, startSystem } from '../support/system.ts'

/** More than a consumer claims ahead of its one slot, two messages of each: what lacks a slot is of the others. */
const INSTANCES = Array.from({ length: 8 }, (_, n) => `sales-${n}`)
/** More than the broken promises that are no trend, and leaving for so long that whoever looks each second sees the alarm. */
const LATE_MESSAGES = 40
const LOST_MESSAGES = 16
const PROMISED_SECONDS = 30

describe('an alert fires when Evolution does not do what it should, and ends when it does:', {
  skip: whyNotEveryAlert() || whyNoPrometheus(),
}, () => {
  let system: System
  let prometheus: Prometheus
  before(async () => {
    system = await startSystem({
      consumerEnv: { MAX_IN_FLIGHT: '1', ATTEMPTS_MAX: '1' },
      // What has waited leaves one by one: all at once would be a burst that wakes nobody.
      gatewayEnv: { SANDBOX_LATENCY_MS: '400' },
    })
    prometheus = await startPrometheus(() => scrapedPrograms(system))
    for (const instance of INSTANCES) await system.admin.createInstance(instance)
    // Of an instance that has sent nothing yet it would ask whether it is open, in vain: that holds it, and is no lateness.
    await allSent(await send(INSTANCES.length))
  })
  after(async () => {
    process.kill(system.gatewayProcess().pid, 'SIGCONT')
    await prometheus.stop()
    await system.stop()
  })

  test('nobody answers the one request that may be open', async () => {
    const { pid } = system.gatewayProcess()
    const consumer = system.programs().find(({ name }) => name.startsWith('consumer'))
    assert.ok(consumer)
    process.kill(pid, 'SIGSTOP')
    const ids = await send(LATE_MESSAGES)
    assert.deepEqual(await prometheus.statesUntil('WhatsAppMessagesNotLeaving', 'firing'), ['pending', 'firing'])
    await prometheus.statesUntil('WhatsAppDueMessageOld', 'firing')
    await prometheus.statesUntil('WhatsAppMessagesWaitForSlots', 'firing')
    await until('the promise is broken', async () => {
      const oldest = await metricOf(consumer, 'whatsapp_oldest_due_seconds')
      return oldest > PROMISED_SECONDS ? true : undefined
    })
    process.kill(pid, 'SIGCONT')
    await prometheus.statesUntil('WhatsAppPromiseBreaksFast', 'firing')
    await prometheus.statesUntil('WhatsAppPromiseBreaksSlowly', 'firing')
    // Of the one that was open it may not be known.
    await allSent(ids, ['unknown'])
    await prometheus.statesUntil('WhatsAppMessagesNotLeaving', undefined)
    await prometheus.statesUntil('WhatsAppDueMessageOld', undefined)
    await prometheus.statesUntil('WhatsAppMessagesWaitForSlots', undefined)
  })

  test('it fails at every message', async () => {
    await system.gateway.program('*', UNANSWERED_LOOK_UP)
    for (const id of await send(LOST_MESSAGES)) await system.admin.follow(id, ['dead-lettered'])
    await prometheus.statesUntil('WhatsAppDeadLetters', 'firing')
    assert.deepEqual(await prometheus.statesUntil('WhatsAppSendsFail', 'firing'), ['pending', 'firing'])
    await system.gateway.program('*', {})
    await allSent(await send(1))
    await prometheus.statesUntil('WhatsAppSendsFail', undefined)
    await prometheus.statesUntil('WhatsAppDeadLetters', undefined)
  })

  test('what was late is forgotten after a while, and nothing else has fired', async () => {
    await prometheus.statesUntil('WhatsAppPromiseBreaksFast', undefined)
    await prometheus.statesUntil('WhatsAppPromiseBreaksSlowly', undefined)
    assert.deepEqual(await prometheus.firing(), [])
  })

  /** To so many people, through each instance in turn. */
  async function send(count: number): Promise<string[]> {
    const ids: string[] = []
    for (let n = 0; n < count; n += 1) {
      const instance = INSTANCES[n % INSTANCES.length] ?? ''
      const { body } = await system.admin.send(instance, `+55119777${10_000 + n}`, 'as always')
      ids.push(body.id)
    }
    return ids
  }

  async function allSent(ids: readonly string[], or: readonly string[] = []): Promise<void> {
    for (const id of ids) await system.admin.follow(id, ['sent', 'delivered', 'read', ...or])
  }
})
