import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { type OwnServer, startOwnMongo } from '../faults/support/own-server.ts'
import { type Prometheus, startPrometheus, whyNoPrometheus } from '../support/prometheus.ts'
import { type System, scrapedPrograms, startSystem } from '../support/system.ts'

const INSTANCES = ['north', 'east', 'south', 'west']
/** Of one request, and so of one instance: of all together more than the alert lets be unread. */
const MESSAGES = 500

describe('an alert fires when the database stands still, and ends when it goes on:', {
  skip: whyNoPrometheus(),
}, () => {
  let mongo: OwnServer
  let system: System
  let prometheus: Prometheus
  before(async () => {
    mongo = await startOwnMongo()
    system = await startSystem({ mongoUrl: mongo.address })
    prometheus = await startPrometheus(() => scrapedPrograms(system))
    for (const instance of INSTANCES) await system.admin.createInstance(instance)
  })
  after(async () => {
    mongo.thaw()
    await prometheus.stop()
    await system.stop()
    await mongo.stop()
  })

  test('messages are accepted, and none can be written down', async () => {
    mongo.freeze()
    for (const instance of INSTANCES) assert.equal(await acceptedBy(instance), MESSAGES)
    await prometheus.statesUntil('WhatsAppConsumerErrors', 'firing')
    await prometheus.statesUntil('WhatsAppRecordsBehind', 'firing')
    await prometheus.statesUntil('WhatsAppLeasesLost', 'firing')
    assert.deepEqual(await prometheus.statesUntil('WhatsAppRetentionNear', 'firing'), ['pending', 'firing'])
    mongo.thaw()
    await prometheus.statesUntil('WhatsAppRetentionNear', undefined)
    await prometheus.statesUntil('WhatsAppRecordsBehind', undefined)
    await prometheus.statesUntil('WhatsAppConsumerErrors', undefined)
    await prometheus.statesUntil('WhatsAppLeasesLost', undefined)
  })

  /** How many of a batch, each to somebody else. */
  async function acceptedBy(instance: string): Promise<number> {
    const messages = Array.from({ length: MESSAGES }, (_, n) => ({ to: `+55119777${10_000 + n}`, text: `number ${n}` }))
    const { counts } = await dataOf(system.admin.api.POST('/v1/messages/batch', { body: { instance, messages } }))
    return counts.accepted
  }
})
