import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { kafkaNames } from '@whatsapp-sender/contract'
import type { EmbeddedServer } from '@whatsapp-sender/sandbox/embedded/embedded-server'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { createTopics } from '@whatsapp-sender/sandbox/embedded/topics'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { metricOf } from '../faults/support/metrics.ts'
import { openTopicAdmin } from '../faults/support/topic-admin.ts'
import { makeSelfSigned, type SelfSigned, whyNoCertificates } from '../support/certificates.ts'
import { type Prometheus, startPrometheus, whyNoPrometheus } from '../support/prometheus.ts'
import { type System, scrapedPrograms, startSystem } from '../support/system.ts'
import { startTlsFront, type TlsFront } from '../support/tls-front.ts'
import { openTopic, recordOf } from '../support/topic.ts'
import { whileRepeating } from '../support/while-repeating.ts'

type Consumer = Awaited<ReturnType<System['startConsumer']>>

/** Of a certificate that is to be renewed: the alert wants two weeks. */
const ENDS_IN_DAYS = 10
const RENEWED_FOR_DAYS = 400
const TO = '+5511999991000'
/** No release will ever come to it. */
const LATER_VERSION = 99_999

describe('an alert fires when something is wrong with Kafka, and ends when it is mended:', {
  skip: whyNoPrometheus() || whyNoCertificates(),
}, () => {
  let directory: string
  let renewed: SelfSigned
  let front: TlsFront
  let broker: EmbeddedServer
  let system: System
  let consumer: Consumer
  let prometheus: Prometheus
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'alerts-kafka-'))
    const ending = makeSelfSigned(directory, 'ending', ENDS_IN_DAYS)
    renewed = makeSelfSigned(directory, 'renewed', RENEWED_FOR_DAYS)
    const authorities = join(directory, 'authorities.pem')
    await writeFile(authorities, `${ending.cert}\n${renewed.cert}`)
    const port = await findFreePort()
    front = await startTlsFront(port, ending)
    broker = await startKafka({
      dataDir: join(directory, 'kafka'),
      port,
      portIsFixed: true,
      advertisedPort: front.port,
    })
    system = await startSystem({
      brokers: `127.0.0.1:${front.port}`,
      consumers: 0,
      env: { KAFKA_SSL_CA: authorities },
    })
    consumer = await system.startConsumer()
    prometheus = await startPrometheus(() => scrapedPrograms(system))
    await system.admin.createInstance('sales')
    const { owner } = await sales()
    const fed = await system.admin.call('PATCH', `/v1/users/${owner}`, { eventFeed: true })
    assert.equal(fed.status, 200)
    await sentThrough('sales')
  })
  after(async () => {
    process.kill(broker.pid, 'SIGCONT')
    await prometheus.stop()
    await system.stop()
    await broker.stop()
    await front.stop()
    await rm(directory, { recursive: true, maxRetries: 3 })
  })

  test('the certificate of the broker ends soon', async () => {
    assert.deepEqual(await prometheus.statesUntil('WhatsAppCertificateEnds', 'firing'), ['pending', 'firing'])
    front.show(renewed)
    // Who has nothing to say to the broker does not connect again.
    await sentThrough('sales')
    await prometheus.statesUntil('WhatsAppCertificateEnds', undefined)
  })

  test('the broker answers nobody', async () => {
    process.kill(broker.pid, 'SIGSTOP')
    const asking = () => system.admin.send('sales', TO, 'while it is away')
    await whileRepeating(asking, async () => {
      await prometheus.statesUntil('WhatsAppMessagesRefused', 'firing')
      process.kill(broker.pid, 'SIGCONT')
      await prometheus.statesUntil('WhatsAppMessagesRefused', undefined)
    })
    await sentThrough('sales')
  })

  test('the topic of events is gone, and events end by age before it is there again', async () => {
    const published = () => metricOf(consumer, 'whatsapp_events_published_total')
    await until('some are published', async () => ((await published()) > 0 ? true : undefined))
    const admin = await openTopicAdmin(system)
    await admin.remove(kafkaNames(system.prefix).messageEvents)
    // The broker goes on taking records for a moment.
    const sending = () => sentThrough('sales')
    await whileRepeating(sending, async () => {
      assert.deepEqual(await prometheus.statesUntil('WhatsAppEventsUnpublished', 'firing'), ['pending', 'firing'])
    })
    // What it has read already it would still publish.
    await consumer.stop()
    const events = system.store.db.collection('events')
    const last = await events.findOne({}, { sort: { seq: -1 } })
    await events.deleteMany({ seq: { $lt: last?.['seq'] } })
    await createTopics(system.brokers, system.prefix)
    consumer = await runsAgain()
    await prometheus.statesUntil('WhatsAppEventsMissed', 'firing')
    await prometheus.statesUntil('WhatsAppEventsUnpublished', undefined)
    await prometheus.statesUntil('WhatsAppEventsMissed', undefined)
    await admin.close()
  })

  test('a message is of a later version, and the topic drops it before somebody can read it', async () => {
    const [topic, admin] = await Promise.all([openTopic(system), openTopicAdmin(system)])
    const { owner, name, id } = await sales()
    const { record } = recordOf({ user: owner, instance: name, instanceId: id })
    const [place] = await topic.publish([{ key: name, value: JSON.stringify({ ...record, v: LATER_VERSION }) }])
    assert.ok(place)
    await prometheus.statesUntil('WhatsAppPartitionsBlocked', 'firing')
    await admin.dropUpTo(place.partition, Number(place.offset) + 1)
    await consumer.stop()
    consumer = await runsAgain()
    await prometheus.statesUntil('WhatsAppAcceptedMessagesLost', 'firing')
    // Who met it ends, before it is ready or a moment later.
    await consumer.stop()
    consumer = await runsAgain()
    await sentThrough('sales')
    await prometheus.statesUntil('WhatsAppPartitionsBlocked', undefined)
    await prometheus.statesUntil('WhatsAppAcceptedMessagesLost', undefined)
    await topic.close()
    await admin.close()
  })

  test('nothing else has fired', async () => {
    assert.deepEqual(await prometheus.firing(), [])
  })

  async function sales() {
    const found = await system.store.instances.findByName('sales')
    assert.ok(found)
    return found
  }

  async function sentThrough(instance: string): Promise<void> {
    const { body } = await system.admin.send(instance, TO, 'as always')
    await system.admin.follow(body.id, ['sent', 'delivered', 'read'])
  }

  /** As a cluster does: whoever ends is started again in its place. */
  async function runsAgain(): Promise<Consumer> {
    const env = { METRICS_PORT: new URL(consumer.readyUrl).port }
    return await until('it runs', async () => await system.startConsumer(env).catch(() => undefined))
  }
})
