import fc from 'fast-check'
import type { SenderSpecInput } from '../src/presets.ts'

const image = fc.constantFrom('whatsapp-sender-api:1.2.3', `registry.example.com:5000/wa/api@sha256:${'ab'.repeat(32)}`)

const kafka = fc.oneof(
  fc.record({
    partitions: fc.integer({ min: 12, max: 60 }),
    prefix: fc.constantFrom('', 'one.'),
    managed: fc.constantFrom(
      {},
      { brokers: 1, controllers: 0, replicationFactor: 1, minInsyncReplicas: 1, ephemeral: true },
      { rackTopologyKey: 'topology.kubernetes.io/zone', storage: { size: '5Gi', className: 'fast' } },
    ),
  }),
  fc.record({
    mode: fc.constant('external' as const),
    partitions: fc.integer({ min: 12, max: 60 }),
    external: fc.record(
      {
        bootstrapServers: fc.array(fc.constantFrom('a.example.com:9092', 'b.example.com:9093'), {
          minLength: 1,
          maxLength: 2,
        }),
        createTopics: fc.boolean(),
        tls: fc.constantFrom({}, { caSecretRef: { name: 'kafka-ca' } }),
        sasl: fc.constant({ username: 'wa', passwordSecretRef: { name: 'kafka-login', key: 'secret' } }),
      },
      { requiredKeys: ['bootstrapServers', 'createTopics'] },
    ),
  }),
)

const mongodb = fc.constantFrom(
  {},
  { managed: { members: 1, storage: { size: '1Gi', className: 'fast' } } },
  { managed: { tls: { secretName: 'mongodb-tls' } } },
  { managed: { tls: { secretName: 'mongodb-tls', caSecretName: 'mongodb-ca' } } },
  {
    mode: 'external' as const,
    external: { uriSecretRef: { name: 'mongo', key: 'uri' }, caSecretRef: { name: 'mongo-ca' } },
  },
  { mode: 'external' as const, external: { uriSecretRef: { name: 'mongo', key: 'uri' } } },
)

const evolution = fc.constantFrom(
  { mode: 'sandbox' as const },
  { mode: 'managed' as const },
  {
    mode: 'external' as const,
    external: { url: 'https://evolution.example.com/api', apiKeySecretRef: { name: 'evolution' } },
  },
  {
    mode: 'external' as const,
    external: { url: 'http://10.0.0.1:8080', apiKeySecretRef: { name: 'evolution', key: 'k' } },
  },
)

const api = fc.record(
  {
    image,
    replicas: fc.integer({ min: 1, max: 9 }),
    adminEmail: fc.constant('admin@example.com'),
    smtpUrlSecretRef: fc.constant({ name: 'mail' }),
  },
  { requiredKeys: ['image', 'replicas'] },
)

const HOST = 'wa.example.com'
const FRONTS: readonly NonNullable<SenderSpecInput['api']>[] = [
  {},
  { ingress: { host: HOST } },
  {
    ingress: {
      host: HOST,
      className: 'nginx',
      tlsSecretName: 'tls',
      controllerNamespaceLabels: { role: 'ingress' },
    },
  },
  { httpRoute: { host: HOST, parentRefs: [{ name: 'web', namespace: 'gateways', sectionName: 'https' }] } },
]
const front = fc.constantFrom(...FRONTS)

/** Specifications that are accepted, of every mode and with every part. */
export const senderSpecs: fc.Arbitrary<SenderSpecInput> = fc.record({
  evolution,
  kafka,
  mongodb,
  suspend: fc.boolean(),
  images: fc.record({
    registry: fc.constantFrom('', 'registry.example.com/wa'),
    pullSecrets: fc.array(fc.constant('login'), { maxLength: 1 }),
  }),
  api: fc.tuple(api, front).map(([program, how]) => ({ ...program, ...how })),
  consumer: fc.record({
    replicas: fc.integer({ min: 0, max: 12 }),
    drainTimeoutMs: fc.integer({ min: 0, max: 600_000 }),
    autoscaling: fc.record({
      type: fc.constantFrom('none' as const, 'hpa' as const, 'keda' as const),
      max: fc.integer({ min: 1, max: 12 }),
    }),
  }),
  keys: fc.constantFrom({}, { secretName: 'own-keys' }),
  settings: fc.constantFrom({}, { LOG_LEVEL: 'debug', DEFAULT_COUNTRY: 'PT' }),
  networkPolicy: fc.record({
    enabled: fc.constant(true),
    kafkaCidrs: fc.array(fc.constant('10.1.0.0/16'), { maxLength: 1 }),
  }),
  // Most have none.
  canary: fc.constantFrom<SenderSpecInput['canary']>(undefined, {
    instance: 'canary',
    recipient: '+5511999991000',
    apiKeySecretRef: { name: 'canary' },
  }),
  monitoring: fc.record({
    monitors: fc.boolean(),
    rules: fc.boolean(),
    labels: fc.constantFrom({}, { release: 'prometheus' }),
    dashboards: fc.record({ enabled: fc.boolean(), grafanaLabels: fc.constantFrom({}, { dashboards: 'grafana' }) }),
  }),
  tracing: fc.constantFrom<SenderSpecInput['tracing']>(
    undefined,
    { endpoint: 'http://tempo.monitoring:4318' },
    { endpoint: 'https://otlp.example.com/eu', samplingRatio: 0.05, headersSecretRef: { name: 'traces' } },
  ),
  deletionPolicy: fc.constantFrom('Retain' as const, 'Delete' as const),
})
