import { k8s } from '../cdk8s.ts'
import { addCustom, childName, metadataOf, PORTS, type Rendering, topicsOf } from '../rendering.ts'
import { kafkaFiles } from '../secret-files.ts'
import type { ConsumerSpec } from '../spec/consumer-spec.ts'
import { SENDER_LABEL } from './monitoring.ts'
import { kafkaEnvironment } from './service-environment.ts'

/** Consumers by what waits to be stored (the lag) and by what waits to be sent (the due messages). */
export function addAutoscaling(r: Rendering): void {
  if (r.spec.suspend) return
  const { autoscaling } = r.spec.consumer
  if (autoscaling.type === 'hpa') addHpa(r, autoscaling)
  if (autoscaling.type === 'keda') addKeda(r, autoscaling)
}

type Autoscaling = ConsumerSpec['autoscaling']

/** A consumer that goes is a rebalance, so that few go, and late. */
const DOWN_WINDOW_SECONDS = 300

const BEHAVIOR: k8s.HorizontalPodAutoscalerBehaviorV2 = {
  scaleUp: { stabilizationWindowSeconds: 30, policies: [{ type: 'Percent', value: 100, periodSeconds: 60 }] },
  scaleDown: {
    stabilizationWindowSeconds: DOWN_WINDOW_SECONDS,
    policies: [{ type: 'Pods', value: 1, periodSeconds: 120 }],
  },
}

/** For a metrics adapter of Prometheus that knows the two as external metrics. */
function addHpa(r: Rendering, { min, max, lagThreshold, dueThreshold }: Autoscaling): void {
  const { messages, messagesGroup } = topicsOf(r)
  // Our monitors give the label; what else reads the metrics may not.
  const whose = r.spec.monitoring.monitors ? { [SENDER_LABEL]: r.name } : {}
  new k8s.KubeHorizontalPodAutoscalerV2(r.chart, 'HorizontalPodAutoscaler-consumer', {
    metadata: metadataOf(r, 'consumer'),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: childName(r.name, 'consumer') },
      minReplicas: min,
      maxReplicas: max,
      behavior: BEHAVIOR,
      metrics: [
        external('kafka_consumergroup_lag', lagThreshold, {
          topic: messages,
          consumergroup: messagesGroup,
          ...(r.spec.kafka.mode === 'managed' && whose),
        }),
        external('whatsapp_messages_due', dueThreshold, { namespace: r.namespace, ...whose }),
      ],
    },
  })
}

function external(name: string, average: number, matchLabels: Record<string, string>): k8s.MetricSpecV2 {
  return {
    type: 'External',
    external: {
      metric: { name, selector: { matchLabels } },
      target: { type: 'AverageValue', averageValue: k8s.Quantity.fromString(String(average)) },
    },
  }
}

function addKeda(r: Rendering, autoscaling: Autoscaling): void {
  const { min, max, lagThreshold, dueThreshold, kafkaTrigger } = autoscaling
  const { messages, messagesGroup } = topicsOf(r)
  const name = childName(r.name, 'consumer')
  const login = addKafkaLogin(r)
  addCustom(r, {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    name,
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: min,
      maxReplicaCount: max,
      pollingInterval: 15,
      cooldownPeriod: DOWN_WINDOW_SECONDS,
      // While a signal is away nobody knows that there is less to do.
      fallback: { failureThreshold: 3, replicas: min, behavior: 'currentReplicasIfHigher' },
      advanced: { horizontalPodAutoscalerConfig: { behavior: BEHAVIOR } },
      triggers: [
        {
          type: kafkaTrigger,
          name: 'lag',
          metadata: {
            ...kafkaAddress(r),
            consumerGroup: messagesGroup,
            topic: messages,
            lagThreshold: String(lagThreshold),
            offsetResetPolicy: 'earliest',
            version: '2.8.0',
          },
          ...(login && { authenticationRef: { name: login } }),
        },
        {
          type: 'metrics-api',
          name: 'due',
          metadata: {
            url: `http://${childName(r.name, 'api-metrics')}.${r.namespace}.svc:${PORTS.metrics}/scaling`,
            valueLocation: 'due',
            targetValue: String(dueThreshold),
          },
        },
      ],
    },
  })
}

/** KEDA looks for the broker from its own namespace. */
function kafkaAddress(r: Rendering): Readonly<Record<string, string>> {
  const { external } = r.spec.kafka
  const bootstrapServers = external?.bootstrapServers.join(',') ?? `${r.name}-kafka-bootstrap.${r.namespace}.svc:9093`
  return {
    bootstrapServers,
    ...(external !== undefined && external.tls === undefined ? {} : { tls: 'enable' }),
    ...saslOf(r),
  }
}

const SASL = { plain: 'plaintext', 'scram-sha-256': 'scram_sha256', 'scram-sha-512': 'scram_sha512' } as const

function saslOf({ spec: { kafka } }: Rendering): Readonly<Record<string, string>> {
  if (kafka.external === undefined) return { sasl: SASL['scram-sha-512'] }
  return kafka.external.sasl === undefined ? {} : { sasl: SASL[kafka.external.sasl.mechanism] }
}

/** The name of the TriggerAuthentication, if Kafka asks for anything. */
function addKafkaLogin(r: Rendering): string | undefined {
  const name = childName(r.name, 'keda')
  const files = kafkaFiles(r, 'keda').map(({ variable, secret, key = 'ca.crt' }) => ({
    // It takes one authority, though the Secret of Strimzi may hold two.
    parameter: variable === 'KAFKA_SSL_CA' ? 'ca' : 'password',
    name: secret,
    key,
  }))
  if (files.length === 0) return undefined
  const username = kafkaEnvironment(r, 'keda')['KAFKA_SASL_USERNAME']
  if (username !== undefined) addUsername(r, { name, username })
  addCustom(r, {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    name,
    spec: {
      secretTargetRef: files,
      ...(username !== undefined && { configMapTargetRef: [{ parameter: 'username', name, key: 'username' }] }),
    },
  })
  return name
}

/** A TriggerAuthentication takes no plain values. */
function addUsername(r: Rendering, { name, username }: Readonly<{ name: string; username: string }>): void {
  new k8s.KubeConfigMap(r.chart, 'ConfigMap-keda', {
    metadata: { ...metadataOf(r, 'consumer', name) },
    data: { username },
  })
}
