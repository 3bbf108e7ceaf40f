import { z } from 'zod'
import { ApiSpec } from './api-spec.ts'
import { CanarySpec } from './canary-spec.ts'
import { ConsumerSpec } from './consumer-spec.ts'
import { EvolutionSpec } from './evolution-spec.ts'
import { KafkaSpec } from './kafka-spec.ts'
import { MongodbSpec } from './mongodb-spec.ts'
import { MonitoringSpec } from './monitoring-spec.ts'
import { NetworkPolicySpec } from './network-spec.ts'
import { Settings } from './settings.ts'
import { TracingSpec } from './tracing-spec.ts'
import { SecretName } from './values.ts'
import { withRules } from './with-rules.ts'

const Images = z.strictObject({
  registry: z
    .string()
    .max(255)
    .regex(/^([a-z0-9._:/-]*[a-z0-9])?$/, 'must be a registry with its path, without a slash at its end')
    .default('')
    .describe('In front of every image that names no registry itself.'),
  pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent').describe('When images are pulled.'),
  pullSecrets: z.array(SecretName).max(8).default([]).describe('Names of Secrets with the login of the registry.'),
})

const Scheduling = z.strictObject({
  nodeSelector: z.record(z.string(), z.string().max(253)).default({}).describe('Labels that nodes must have.'),
  tolerations: z
    .array(
      z.strictObject({
        key: z.string().max(253).optional().describe('Of the taint; left out: every taint.'),
        operator: z.enum(['Exists', 'Equal']).default('Equal').describe('How the value is compared.'),
        value: z.string().max(253).optional().describe('Of the taint.'),
        effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Left out: every effect.'),
      }),
    )
    .max(32)
    .default([])
    .describe('Taints of nodes that do not matter.'),
  priorityClassName: z.string().max(253).optional().describe('Of the pods.'),
})

/** What a custom resource `WhatsAppSender` says: one deployment of the product. */
export const WhatsAppSenderSpec = withRules(
  z.strictObject({
    suspend: z.boolean().default(false).describe('No consumer runs: messages are accepted and wait.'),
    images: Images.prefault({}).describe('Where images come from.'),
    api: ApiSpec.prefault({}).describe('The REST API.'),
    consumer: ConsumerSpec.prefault({}).describe('What sends.'),
    kafka: KafkaSpec.prefault({}).describe('What carries messages.'),
    mongodb: MongodbSpec.prefault({}).describe('What keeps messages and users.'),
    evolution: EvolutionSpec.describe('What reaches WhatsApp.'),
    keys: z
      .strictObject({
        secretName: SecretName.optional().describe('Left out: `<name>-keys`, made once with random values.'),
      })
      .prefault({})
      .describe('Secret with JWT_SECRET, SECRET_KEY, OPERATOR_TOKEN and ADMIN_PASSWORD.'),
    settings: Settings.default({}).describe('Variables of docs/configuration.md for API and consumer.'),
    networkPolicy: NetworkPolicySpec.prefault({}).describe('Who may talk to whom.'),
    canary: CanarySpec.optional().describe('A message to a number of your own again and again, measured.'),
    monitoring: MonitoringSpec.prefault({}).describe('For Prometheus.'),
    tracing: TracingSpec.optional().describe('Traces of messages, by OpenTelemetry; left out: none.'),
    scheduling: Scheduling.prefault({}).describe('Where pods run.'),
    deletionPolicy: z
      .enum(['Retain', 'Delete'])
      .default('Retain')
      .describe('What becomes of a managed Kafka, MongoDB and PostgreSQL when the custom resource goes.'),
  }),
  [
    {
      rule: "self.consumer.autoscaling.type == 'none' || self.consumer.autoscaling.max <= self.kafka.partitions",
      message: 'consumer.autoscaling.max must not exceed kafka.partitions: a consumer without a partition is idle',
      fieldPath: '.consumer.autoscaling.max',
    },
    {
      rule: "self.consumer.autoscaling.type != 'none' || self.consumer.replicas <= self.kafka.partitions",
      message: 'consumer.replicas must not exceed kafka.partitions: a consumer without a partition is idle',
      fieldPath: '.consumer.replicas',
    },
  ],
)
/** As it is after defaults. */
export type WhatsAppSenderSpec = z.infer<typeof WhatsAppSenderSpec>
