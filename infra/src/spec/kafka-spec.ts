import { z } from 'zod'
import { DEFAULT_IMAGES } from './images.ts'
import { Image, resources, secretKeyRef, storage } from './values.ts'
import { withRules } from './with-rules.ts'

const Managed = withRules(
  z.strictObject({
    version: z
      .string()
      .max(16)
      .regex(/^\d+\.\d+\.\d+$/, 'must be a version, such as "4.3.1"')
      .default('4.3.1')
      .describe('Version of Kafka; Strimzi has to know it.'),
    brokers: z.int().min(1).max(99).default(3).describe('Broker pods.'),
    controllers: z
      .int()
      .min(0)
      .max(9)
      .default(3)
      .describe('Controller pods of their own; 0: the brokers are controllers too.'),
    replicationFactor: z.int().min(1).max(9).default(3).describe('Copies of each record.'),
    minInsyncReplicas: z.int().min(1).max(9).default(2).describe('Copies there must be before a message is accepted.'),
    storage: storage('20Gi'),
    ephemeral: z.boolean().default(false).describe('Data live as long as their pod: for development.'),
    rackTopologyKey: z
      .string()
      .max(253)
      .optional()
      .describe(
        'Label of nodes that fail together, such as `topology.kubernetes.io/zone`; copies are spread over them.',
      ),
    resources: resources({ cpu: '500m', memory: '1Gi', memoryLimit: '2Gi' }),
  }),
  [
    {
      rule: 'self.replicationFactor <= self.brokers',
      message: 'replicationFactor must not exceed brokers',
      fieldPath: '.replicationFactor',
    },
    {
      rule: 'self.minInsyncReplicas <= self.replicationFactor',
      message: 'minInsyncReplicas must not exceed replicationFactor',
      fieldPath: '.minInsyncReplicas',
    },
    {
      rule: 'self.controllers == 0 || self.controllers % 2 == 1',
      message: 'controllers must be an odd number, or 0',
      fieldPath: '.controllers',
    },
  ],
)

const External = z.strictObject({
  bootstrapServers: z
    .array(
      z
        .string()
        .max(259)
        .regex(/^[A-Za-z0-9._-]+:\d{1,5}$/, 'must be host:port'),
    )
    .min(1)
    .max(32)
    .describe('Each `host:port`.'),
  tls: z
    .strictObject({
      caSecretRef: secretKeyRef('ca.crt').optional().describe('Authorities to trust; left out: those of the system.'),
    })
    .optional()
    .describe('TLS; left out: none.'),
  sasl: z
    .strictObject({
      mechanism: z
        .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
        .default('scram-sha-512')
        .describe('How to log in.'),
      username: z.string().min(1).max(253).describe('As whom.'),
      passwordSecretRef: secretKeyRef('password').describe('With which password.'),
    })
    .optional()
    .describe('Login; left out: none.'),
  createTopics: z.boolean().default(false).describe('Make the topics by a Job; the user needs the right to.'),
  topicsImage: Image.default(DEFAULT_IMAGES.topics).describe('Image of that Job.'),
})

export const KafkaSpec = withRules(
  z.strictObject({
    mode: z
      .enum(['managed', 'external'])
      .default('managed')
      .describe('`managed`: a cluster made by Strimzi; `external`: one that is there.'),
    prefix: z
      .string()
      .max(100)
      .regex(/^[a-z0-9.-]*$/, 'must be lower case letters, digits, "." and "-"')
      .default('')
      .describe('In front of the names of topics and groups.'),
    partitions: z.int().min(1).max(1000).default(24).describe('Of each topic: the most consumers that can work.'),
    managed: Managed.prefault({}).describe('What Strimzi is asked for.'),
    external: External.optional().describe('The cluster that is there.'),
  }),
  [
    {
      rule: "self.mode != 'external' || has(self.external)",
      message: 'external is required with mode external',
      fieldPath: '.external',
    },
    {
      rule: "self.mode != 'managed' || !has(self.external)",
      message: 'external goes with mode external only',
      fieldPath: '.external',
    },
    {
      rule: 'self.mode == oldSelf.mode',
      message: 'mode cannot be changed: messages that wait would be left behind',
      fieldPath: '.mode',
    },
    {
      rule: 'self.partitions >= oldSelf.partitions',
      message: 'partitions cannot become fewer',
      fieldPath: '.partitions',
    },
    {
      rule: 'self.prefix == oldSelf.prefix',
      message: 'prefix cannot be changed: messages that wait would be left behind',
      fieldPath: '.prefix',
    },
  ],
)
export type KafkaSpec = z.infer<typeof KafkaSpec>
export type ManagedKafka = z.infer<typeof Managed>
