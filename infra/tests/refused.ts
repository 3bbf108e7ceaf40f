import type { SenderSpecInput } from '../src/presets.ts'

type Change = Readonly<{ message: string; field: string; spec: object; before?: object }>

const SANDBOX: SenderSpecInput = { evolution: { mode: 'sandbox' } }
const SERVERS = ['kafka.example.com:9092']
const KEY = { name: 'secret' }

/** For each rule of a WhatsAppSender a specification that only it refuses, with the field and the message it names. */
export const REFUSED_SENDERS: readonly Change[] = [
  refused('api.httpRoute', 'ingress and httpRoute exclude each other', {
    api: {
      ingress: { host: 'wa.example.com' },
      httpRoute: { host: 'wa.example.com', parentRefs: [{ name: 'gateway' }] },
    },
  }),
  refused('api.image', 'an image is named by a version or a digest, not by latest', { api: { image: 'api:latest' } }),
  refused('consumer.autoscaling.max', 'max must not be below min', { consumer: { autoscaling: { min: 5, max: 4 } } }),
  refused('kafka.managed.replicationFactor', 'replicationFactor must not exceed brokers', {
    kafka: { managed: { brokers: 2, minInsyncReplicas: 1 } },
  }),
  refused('kafka.managed.minInsyncReplicas', 'minInsyncReplicas must not exceed replicationFactor', {
    kafka: { managed: { replicationFactor: 1 } },
  }),
  refused('kafka.managed.controllers', 'controllers must be an odd number, or 0', {
    kafka: { managed: { controllers: 2 } },
  }),
  refused('kafka.external', 'external is required with mode external', { kafka: { mode: 'external' } }),
  refused('kafka.external', 'external goes with mode external only', {
    kafka: { external: { bootstrapServers: SERVERS } },
  }),
  refused('mongodb.managed.members', 'members must be an odd number', { mongodb: { managed: { members: 2 } } }),
  refused('mongodb.external', 'external is required with mode external', { mongodb: { mode: 'external' } }),
  refused('mongodb.external', 'external goes with mode external only', {
    mongodb: { external: { uriSecretRef: KEY } },
  }),
  refused('evolution.external', 'external is required with mode external', { evolution: { mode: 'external' } }),
  refused('evolution.external', 'external goes with mode external only', {
    evolution: { mode: 'sandbox', external: { url: 'https://evolution.example.com', apiKeySecretRef: KEY } },
  }),
  refused(
    'settings',
    'settings may name variables of docs/configuration.md that are neither secret nor set by the other fields',
    { settings: { JWT_SECRET: 'x' } },
  ),
  refused(
    'consumer.autoscaling.max',
    'consumer.autoscaling.max must not exceed kafka.partitions: a consumer without a partition is idle',
    { kafka: { partitions: 3 }, consumer: { autoscaling: { type: 'keda', max: 4 } } },
  ),
  refused(
    'consumer.replicas',
    'consumer.replicas must not exceed kafka.partitions: a consumer without a partition is idle',
    { kafka: { partitions: 3 }, consumer: { replicas: 4 } },
  ),
  changed('kafka.mode', 'mode cannot be changed: messages that wait would be left behind', {
    before: {},
    after: { kafka: { mode: 'external', external: { bootstrapServers: SERVERS } } },
  }),
  changed('kafka.partitions', 'partitions cannot become fewer', {
    before: { kafka: { partitions: 24 } },
    after: { kafka: { partitions: 12 } },
  }),
  changed('kafka.prefix', 'prefix cannot be changed: messages that wait would be left behind', {
    before: {},
    after: { kafka: { prefix: 'other.' } },
  }),
  changed('mongodb.mode', 'mode cannot be changed: every message and user would be left behind', {
    before: {},
    after: { mongodb: { mode: 'external', external: { uriSecretRef: KEY } } },
  }),
  changed('mongodb.database', 'database cannot be changed: every message and user would be left behind', {
    before: {},
    after: { mongodb: { database: 'other' } },
  }),
]

function refused(field: string, message: string, spec: object): Change {
  return { field, message, spec: { ...SANDBOX, ...spec } }
}

function changed(
  field: string,
  message: string,
  { before, after }: Readonly<{ before: object; after: object }>,
): Change {
  return { field, message, spec: { ...SANDBOX, ...after }, before: { ...SANDBOX, ...before } }
}
