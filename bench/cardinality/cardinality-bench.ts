import { until } from '@whatsapp-sender/sandbox/process/until'
import { type BenchResult, resultOf } from '../bench-result.ts'
import { createFleet, registerFleet } from '../deliver/fleet.ts'
import { type PlannedMessage, planForEach } from '../deliver/plan.ts'
import { openProducer } from '../kafka/produce-backlog.ts'
import { connectKafka } from '../kafka/topic-client.ts'
import type { Options } from '../options.ts'
import { install } from '../system/installation.ts'
import { startApi, startConsumer, startGateway } from '../system/programs.ts'
import { logIn } from '../system/rest-client.ts'
import { seriesAt, seriesValue } from './series.ts'

const INSTANCES = 5000
const MESSAGES = 1_000_000
const SERIES_MAX = 2000
/** Accepted over HTTP, so that the API counts, too; all others go into the topic as it would put them there. */
const POSTED = 1000
const SEND_AT_ONCE = 5000
const SENT_WITHIN_MS = 3_600_000

/** How many series a process has when 5,000 instances have sent 1,000,000 messages. */
export async function runCardinalityBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: 12 })
  console.log(`cardinality · ${installation.machine.description}`)
  const gateway = await startGateway(installation)
  cleanups.defer(async () => void (await gateway.stop()))
  const fleet = await createFleet(installation, { count: options.isQuick ? 100 : INSTANCES, state: 'open' })
  await registerFleet(installation, fleet)
  const [api, consumer] = [await startApi(installation), await startConsumer(installation)]
  cleanups.defer(async () => void (await Promise.all([api.stop(), consumer.stop()])))
  const atStart = { api: await seriesAt(api.metricsUrl), consumer: await seriesAt(consumer.metricsUrl) }

  const messages = options.rows ?? (options.isQuick ? 20_000 : MESSAGES)
  await produceAll(installation, planForEach(fleet, Math.ceil(messages / fleet.length), 'series'))
  const admin = await logIn(api.url, api.admin)
  await admin.call('POST', '/v1/instances', { name: 'posted', kind: 'sandbox' }, 201)
  for (let n = 0; n < POSTED; n += 1)
    await admin.call('POST', '/v1/messages', { instance: 'posted', to: '+5511999991000', text: `${n}` }, 202)

  const all = Math.ceil(messages / fleet.length) * fleet.length + POSTED
  await until(
    'everything is sent',
    async () => {
      const sent = await seriesValue(consumer.metricsUrl, 'whatsapp_sends_total{outcome="sent"')
      console.log(`${sent} of ${all} sent`)
      return sent >= all || undefined
    },
    { timeoutMs: SENT_WITHIN_MS, everyMs: 10_000 },
  )
  const atEnd = { api: await seriesAt(api.metricsUrl), consumer: await seriesAt(consumer.metricsUrl) }
  const broken = Object.entries(atEnd).flatMap(([name, count]) =>
    count < SERIES_MAX ? [] : [`${name} has ${count} series: fewer than ${SERIES_MAX} are allowed`],
  )
  return resultOf(broken, { instances: fleet.length + 1, messages: all, seriesAtStart: atStart, seriesAtEnd: atEnd })
}

async function produceAll(
  { brokers, names }: Parameters<typeof createFleet>[0],
  plan: Generator<PlannedMessage>,
): Promise<void> {
  const producer = await openProducer(connectKafka(brokers), names.messages)
  let part: PlannedMessage[] = []
  for (const message of plan) {
    part.push(message)
    if (part.length < SEND_AT_ONCE) continue
    await producer.send(part)
    part = []
  }
  await producer.send(part)
  await producer.close()
}
