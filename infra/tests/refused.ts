import type { SenderSpecInput } from '../src/presets.ts'

/** A specification that one rule refuses, and no other. */
export type Refused = Readonly<{
  /** At fault, from the specification down. */
  field: string
  message: string
  spec: object
  /** Nearly the same, and taken; of a rule that compares: what it was before the change. */
  good: object
  isChange: boolean
}>

type Specs = Readonly<{ spec: object; good: object }>

const SERVERS = ['kafka.example.com:9092']
const KEY = { name: 'secret' }
const KAFKA = { mode: 'external', external: { bootstrapServers: SERVERS } }
const MONGODB = { mode: 'external', external: { uriSecretRef: KEY } }
const EVOLUTION = { mode: 'external', external: { url: 'https://evolution.example.com', apiKeySecretRef: KEY } }
const HOST = { host: 'wa.example.com' }

const REQUIRED = 'external is required with mode external'
const NEEDLESS = 'external goes with mode external only'

/** For each rule of a WhatsAppSender. */
export const REFUSED_SENDERS: readonly Refused[] = [
  refused('api.httpRoute', 'ingress and httpRoute exclude each other', {
    spec: { api: { ingress: HOST, httpRoute: { ...HOST, parentRefs: [{ name: 'gateway' }] } } },
    good: { api: { httpRoute: { ...HOST, parentRefs: [{ name: 'gateway' }] } } },
  }),
  ...[
    latest('api.image', (image) => ({ api: { image } })),
    latest('consumer.image', (image) => ({ consumer: { image } })),
    latest('evolution.managed.image', (image) => ({ evolution: { mode: 'managed', managed: { image } } })),
    latest('evolution.managed.postgresImage', (postgresImage) => ({
      evolution: { mode: 'managed', managed: { postgresImage } },
    })),
    latest('evolution.sandbox.image', (image) => ({ evolution: { mode: 'sandbox', sandbox: { image } } })),
    latest('kafka.external.topicsImage', (topicsImage) => ({
      kafka: { mode: 'external', external: { bootstrapServers: SERVERS, topicsImage } },
    })),
  ],
  refused('consumer.autoscaling.max', 'max must not be below min', {
    spec: { consumer: { autoscaling: { min: 5, max: 4 } } },
    good: { consumer: { autoscaling: { min: 5, max: 5 } } },
  }),
  refused('kafka.managed.replicationFactor', 'replicationFactor must not exceed brokers', {
    spec: { kafka: { managed: { brokers: 2, minInsyncReplicas: 1 } } },
    good: { kafka: { managed: { brokers: 2, minInsyncReplicas: 1, replicationFactor: 2 } } },
  }),
  refused('kafka.managed.minInsyncReplicas', 'minInsyncReplicas must not exceed replicationFactor', {
    spec: { kafka: { managed: { replicationFactor: 1 } } },
    good: { kafka: { managed: { replicationFactor: 1, minInsyncReplicas: 1 } } },
  }),
  refused('kafka.managed.controllers', 'controllers must be an odd number, or 0', {
    spec: { kafka: { managed: { controllers: 2 } } },
    good: { kafka: { managed: { controllers: 0 } } },
  }),
  refused('kafka.external', REQUIRED, { spec: { kafka: { mode: 'external' } }, good: { kafka: KAFKA } }),
  refused('kafka.external', NEEDLESS, { spec: { kafka: { ...KAFKA, mode: 'managed' } }, good: { kafka: KAFKA } }),
  refused('mongodb.managed.members', 'members must be an odd number', {
    spec: { mongodb: { managed: { members: 2 } } },
    good: { mongodb: { managed: { members: 1 } } },
  }),
  refused('mongodb.external', REQUIRED, { spec: { mongodb: { mode: 'external' } }, good: { mongodb: MONGODB } }),
  refused('mongodb.external', NEEDLESS, {
    spec: { mongodb: { ...MONGODB, mode: 'managed' } },
    good: { mongodb: MONGODB },
  }),
  refused('evolution.external', REQUIRED, {
    spec: { evolution: { mode: 'external' } },
    good: { evolution: EVOLUTION },
  }),
  refused('evolution.external', NEEDLESS, {
    spec: { evolution: { ...EVOLUTION, mode: 'sandbox' } },
    good: { evolution: EVOLUTION },
  }),
  refused(
    'settings',
    'settings may name variables of docs/configuration.md that are neither secret nor set by the other fields',
    { spec: { settings: { JWT_SECRET: 'x' } }, good: { settings: { LOG_LEVEL: 'debug' } } },
  ),
  refused(
    'consumer.autoscaling.max',
    'consumer.autoscaling.max must not exceed kafka.partitions: a consumer without a partition is idle',
    {
      spec: { kafka: { partitions: 3 }, consumer: { autoscaling: { type: 'keda', max: 4 } } },
      good: { kafka: { partitions: 4 }, consumer: { autoscaling: { type: 'keda', max: 4 } } },
    },
  ),
  refused(
    'consumer.replicas',
    'consumer.replicas must not exceed kafka.partitions: a consumer without a partition is idle',
    {
      spec: { kafka: { partitions: 3 }, consumer: { replicas: 4 } },
      good: { kafka: { partitions: 3 }, consumer: { replicas: 3 } },
    },
  ),
  changed('kafka.mode', 'mode cannot be changed: messages that wait would be left behind', {
    good: {},
    spec: { kafka: KAFKA },
  }),
  changed('kafka.partitions', 'partitions cannot become fewer', {
    good: { kafka: { partitions: 24 } },
    spec: { kafka: { partitions: 12 } },
  }),
  changed('kafka.prefix', 'prefix cannot be changed: messages that wait would be left behind', {
    good: {},
    spec: { kafka: { prefix: 'other.' } },
  }),
  changed('mongodb.mode', 'mode cannot be changed: every message and user would be left behind', {
    good: {},
    spec: { mongodb: MONGODB },
  }),
  changed('mongodb.database', 'database cannot be changed: every message and user would be left behind', {
    good: {},
    spec: { mongodb: { database: 'other' } },
  }),
].map(withSender)

/** For each rule of a WhatsAppInstance. */
export const REFUSED_INSTANCES: readonly Refused[] = [
  refused('pace.gapMs.max', 'gapMs.max must not be below gapMs.min', {
    spec: { pace: { perMinute: 20, burst: 5, gapMs: { min: 2, max: 1 } } },
    good: { pace: { perMinute: 20, burst: 5, gapMs: { min: 1, max: 1 } } },
  }),
  refused('pace.quietHours.to', 'quietHours.to must differ from quietHours.from', {
    spec: { pace: { perMinute: 20, burst: 5, quietHours: { from: '22:00', to: '22:00' } } },
    good: { pace: { perMinute: 20, burst: 5, quietHours: { from: '22:00', to: '07:00' } } },
  }),
  refused('retry.capMs', 'capMs must not be below baseMs', {
    spec: { retry: { attemptsMax: 3, baseMs: 2000, capMs: 1000 } },
    good: { retry: { attemptsMax: 3, baseMs: 2000, capMs: 2000 } },
  }),
  refused('adopt', 'a sandbox instance is made, and is nowhere else', {
    spec: { kind: 'sandbox', adopt: true },
    good: { kind: 'sandbox' },
  }),
  refused('evolutionServer', 'a sandbox instance is on no server', {
    spec: { kind: 'sandbox', evolutionServer: 'eu' },
    good: { evolutionServer: 'eu' },
  }),
  changed('senderName', 'senderName cannot be changed', { good: {}, spec: { senderName: 'other' } }),
  changed('kind', 'kind cannot be changed', { good: {}, spec: { kind: 'sandbox' } }),
  changed('instanceName', 'instanceName cannot be changed', {
    good: { instanceName: 'store' },
    spec: { instanceName: 'shop' },
  }),
].map(withInstance)

function refused(field: string, message: string, specs: Specs): Refused {
  return { field, message, ...specs, isChange: false }
}

function changed(field: string, message: string, specs: Specs): Refused {
  return { field, message, ...specs, isChange: true }
}

function latest(field: string, specOf: (image: string) => object): Refused {
  const message = 'an image is named by a version or a digest, not by latest'
  return refused(field, message, { spec: specOf('image:latest'), good: specOf('image:1.0') })
}

function withSender(row: Refused): Refused {
  const sandbox: SenderSpecInput = { evolution: { mode: 'sandbox' } }
  return { ...row, spec: { ...sandbox, ...row.spec }, good: { ...sandbox, ...row.good } }
}

function withInstance(row: Refused): Refused {
  const least = { senderName: 'wa', kind: 'whatsapp', adopt: false }
  return { ...row, spec: { ...least, ...row.spec }, good: { ...least, ...row.good } }
}
