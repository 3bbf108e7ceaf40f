import { isDeepStrictEqual } from 'node:util'
import { topicDefinitions } from '@whatsapp-sender/contract'
import { addCustom, childName, type Rendering, topicsOf } from '../rendering.ts'
import type { ManagedKafka } from '../spec/kafka-spec.ts'
import { managedKafka, networkEdges } from './network-edges.ts'
import { peersOf } from './network-peers.ts'
import { resourcesPlain } from './resources-plain.ts'
import { RESTRICTED_CONTAINER } from './restricted-container.ts'

const STRIMZI = 'kafka.strimzi.io/v1'
const RESTRICTED = { securityContext: RESTRICTED_CONTAINER }

/** A cluster of Strimzi with its topics and users, or nothing when one is there. */
export function addKafka(r: Rendering): void {
  if (r.spec.kafka.mode === 'external') return
  const { managed } = r.spec.kafka
  addCluster(r, managed)
  addPools(r, managed)
  addTopics(r, managed)
  addUsers(r)
}

function addCluster(r: Rendering, managed: ManagedKafka): void {
  const { version, replicationFactor, minInsyncReplicas, rackTopologyKey } = managed
  addCustom(r, {
    apiVersion: STRIMZI,
    kind: 'Kafka',
    name: r.name,
    spec: {
      kafka: {
        version,
        metadataVersion: `${version.split('.').slice(0, 2).join('.')}-IV${version.startsWith('4.2') ? 1 : 0}`,
        listeners: [
          {
            name: 'tls',
            port: 9093,
            type: 'internal',
            tls: true,
            authentication: { type: 'scram-sha-512' },
            ...kafkaPeers(r),
          },
        ],
        authorization: { type: 'simple' },
        ...(rackTopologyKey !== undefined && { rack: { type: 'topology-label', topologyKey: rackTopologyKey } }),
        config: {
          'auto.create.topics.enable': false,
          'default.replication.factor': replicationFactor,
          'min.insync.replicas': minInsyncReplicas,
          'offsets.topic.replication.factor': replicationFactor,
          'transaction.state.log.replication.factor': replicationFactor,
          'transaction.state.log.min.isr': minInsyncReplicas,
          'share.coordinator.state.topic.replication.factor': replicationFactor,
          'share.coordinator.state.topic.min.isr': minInsyncReplicas,
        },
        metricsConfig: { type: 'strimziMetricsReporter' },
      },
      entityOperator: {
        topicOperator: {},
        userOperator: {},
        template: { topicOperatorContainer: RESTRICTED, userOperatorContainer: RESTRICTED },
      },
      ...(r.spec.monitoring.monitors && {
        kafkaExporter: { topicRegex: '.*', groupRegex: '.*', template: { container: RESTRICTED } },
      }),
    },
  })
}

/** Strimzi writes the policy of the brokers itself, from these; without any, everybody may come in. */
function kafkaPeers(r: Rendering): Readonly<{ networkPolicyPeers?: object[] }> {
  if (!r.spec.networkPolicy.enabled) return {}
  const callers = networkEdges(r).filter(({ to }) => isDeepStrictEqual(to, managedKafka(r)))
  return { networkPolicyPeers: callers.flatMap(({ from }) => peersOf(r, from)) }
}

function addPools(r: Rendering, managed: ManagedKafka): void {
  const { brokers, controllers } = managed
  if (controllers === 0) {
    addPool(r, managed, { pool: 'dual-role', replicas: brokers, roles: ['controller', 'broker'] })
    return
  }
  addPool(r, managed, { pool: 'controller', replicas: controllers, roles: ['controller'] })
  addPool(r, managed, { pool: 'broker', replicas: brokers, roles: ['broker'] })
}

function addPool(
  r: Rendering,
  { storage, ephemeral, resources, rackTopologyKey = 'topology.kubernetes.io/zone' }: ManagedKafka,
  o: Readonly<{ pool: string; replicas: number; roles: readonly string[] }>,
): void {
  const claim = {
    id: 0,
    type: 'persistent-claim',
    size: storage.size,
    kraftMetadata: 'shared',
    deleteClaim: false,
    ...(storage.className !== undefined && { class: storage.className }),
  }
  addCustom(r, {
    apiVersion: STRIMZI,
    kind: 'KafkaNodePool',
    name: childName(r.name, o.pool),
    labels: { 'strimzi.io/cluster': r.name },
    spec: {
      replicas: o.replicas,
      roles: o.roles,
      storage: ephemeral ? { type: 'ephemeral' } : { type: 'jbod', volumes: [claim] },
      resources: resourcesPlain(resources),
      template: {
        kafkaContainer: RESTRICTED,
        initContainer: RESTRICTED,
        pod: {
          topologySpreadConstraints: [rackTopologyKey, 'kubernetes.io/hostname'].map((topologyKey) => ({
            topologyKey,
            maxSkew: 1,
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: {
              matchLabels: { 'strimzi.io/cluster': r.name, 'strimzi.io/pool-name': childName(r.name, o.pool) },
            },
          })),
        },
      },
    },
  })
}

function addTopics(r: Rendering, { replicationFactor, minInsyncReplicas }: ManagedKafka): void {
  for (const { name, partitions, config } of topicDefinitions(topicsOf(r), r.spec.kafka.partitions)) {
    addCustom(r, {
      apiVersion: STRIMZI,
      kind: 'KafkaTopic',
      name: childName(r.name, name),
      labels: { 'strimzi.io/cluster': r.name },
      spec: {
        topicName: name,
        partitions,
        replicas: replicationFactor,
        config: { ...config, 'min.insync.replicas': String(minInsyncReplicas) },
      },
    })
  }
}

type Acl = Readonly<{
  resource: Readonly<{ type: 'topic' | 'group'; name: string; patternType: 'literal' }>
  operations: readonly string[]
}>

/** Each program may do what it does, and nothing else. */
function addUsers(r: Rendering): void {
  const names = topicsOf(r)
  addUser(r, 'api', [
    topic(names.messages, ['Describe', 'Write']),
    topic(names.evolutionEvents, ['Describe', 'Write']),
    group(names.messagesGroup, ['Describe']),
    group(names.receiptsGroup, ['Describe']),
  ])
  addUser(r, 'consumer', [
    topic(names.messages, ['Describe', 'Read']),
    topic(names.evolutionEvents, ['Describe', 'Read']),
    topic(names.messageEvents, ['Describe', 'Write']),
    group(names.messagesGroup, ['Describe', 'Read']),
    group(names.receiptsGroup, ['Describe', 'Read']),
  ])
  if (r.spec.consumer.autoscaling.type !== 'keda') return
  addUser(r, 'keda', [topic(names.messages, ['Describe']), group(names.messagesGroup, ['Describe'])])
}

function addUser(r: Rendering, user: string, acls: readonly Acl[]): void {
  addCustom(r, {
    apiVersion: STRIMZI,
    kind: 'KafkaUser',
    name: childName(r.name, user),
    labels: { 'strimzi.io/cluster': r.name },
    spec: { authentication: { type: 'scram-sha-512' }, authorization: { type: 'simple', acls } },
  })
}

function topic(name: string, operations: readonly string[]): Acl {
  return { resource: { type: 'topic', name, patternType: 'literal' }, operations }
}

function group(name: string, operations: readonly string[]): Acl {
  return { resource: { type: 'group', name, patternType: 'literal' }, operations }
}
