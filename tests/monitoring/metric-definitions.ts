import { createLogger, createRegistry, createTracingEvents, watchPools } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import type { Metric, Registry } from 'prom-client'
import { createEvents } from '../../services/api/src/events.ts'
import { createCanaryEvents } from '../../services/canary/src/events.ts'
import { createBacklog } from '../../services/consumer/src/backlog/create-backlog.ts'
import { createConsumerEvents } from '../../services/consumer/src/events.ts'
import { createMediaSweep } from '../../services/consumer/src/media/sweep-media.ts'
import { createNotifyEvents } from '../../services/consumer/src/notify/notify-events.ts'
import { createWebhookEvents } from '../../services/consumer/src/notify/webhooks/webhook-events.ts'
import { createReceiptEvents } from '../../services/consumer/src/receipts/receipt-events.ts'
import { createOperatorEvents } from '../../services/operator/src/events.ts'

export type MetricType = 'counter' | 'gauge' | 'histogram'
type Service = 'api' | 'consumer' | 'canary' | 'operator'

export type MetricDefinition = Readonly<{
  name: string
  type: MetricType
  help: string
  labels: readonly string[]
}>

const logger = createLogger({ service: 'test', level: 'silent' })

/** Every metric that a service defines itself, as its code does. */
export function metricDefinitions(service: Service): readonly MetricDefinition[] {
  return definitionsOf(REGISTRIES[service]()).filter(({ name }) => name.startsWith('whatsapp_'))
}

/** Names of what every process tells of itself. */
export function processMetrics(): readonly MetricDefinition[] {
  return definitionsOf(createRegistry({ service: 'test' }))
}

const REGISTRIES: Readonly<Record<Service, () => Registry>> = {
  api: () => {
    const registry = createRegistry({ service: 'api' })
    createEvents({ logger, registry })
    createTracingEvents(logger, registry)
    defineConnections(registry)
    return registry
  },
  consumer: () => {
    const registry = createRegistry({ service: 'consumer' })
    createConsumerEvents(logger, registry, () => {
      throw new Error('nothing is scraped here')
    })
    createReceiptEvents(logger, registry)
    createNotifyEvents(logger, registry, { waiting: () => 0, oldestSeconds: () => 0 })
    createWebhookEvents(logger, registry)
    createTracingEvents(logger, registry)
    createBacklog({
      logger,
      registry,
      isActive: () => false,
      clock: { monotonic: () => 0, storeNow: () => 0 },
      directory: { byId: () => undefined },
      store: { ledger: { countWaiting: never, countRows: never } },
    })
    defineConnections(registry)
    createMediaSweep({ logger, registry, isActive: () => false, store: { media: { sweep: async () => 0 } } })
    return registry
  },
  canary: () => {
    const registry = createRegistry({ service: 'canary' })
    createCanaryEvents(logger, registry)
    return registry
  },
  operator: () => {
    const registry = createRegistry({ service: 'operator' })
    createOperatorEvents(logger, registry)
    return registry
  },
}

function defineConnections(registry: Registry): void {
  watchPools(registry, {})
  createKafka({ config: { brokers: ['localhost:9092'], prefix: '' }, clientId: 'test', logger, registry })
}

async function never(): Promise<never> {
  throw new Error('nothing is counted here')
}

function definitionsOf(registry: Registry): MetricDefinition[] {
  return registry.getMetricsAsArray().map((metric) => ({ ...partsOf(metric), type: typeOf(metric) }))
}

function partsOf(metric: object): Omit<MetricDefinition, 'type'> {
  const { name, help, labelNames } = Object(metric)
  return { name: String(name), help: String(help), labels: [...labelNames].map(String) }
}

function typeOf(metric: object | Metric): MetricType {
  const type = metric.constructor.name.toLowerCase()
  if (type === 'counter' || type === 'gauge' || type === 'histogram') return type
  throw new Error(`there is no page for a ${type}`)
}
