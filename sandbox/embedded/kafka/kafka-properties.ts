import { randomBytes } from 'node:crypto'
import { LOOPBACK } from '../embedded-server.ts'

/** A listener of its own; the file has its key and its certificate, in PEM. */
export type KafkaTls = Readonly<{ port: number; certificateKeyFile: string }>

/**
 * Broker and controller in one process, for one member; short sessions let a killed broker come back within 5 s.
 * `advertisedPort` is where clients are told to find it; at `scramPort` they log in with SCRAM-SHA-512; at the port of `tls`
 * nothing goes unencrypted; `more` wins over what stands here.
 */
export function serverProperties(o: {
  dataDir: string
  host?: string | undefined
  port: number
  controllerPort: number
  advertisedPort?: number | undefined
  scramPort?: number | undefined
  tls?: KafkaTls | undefined
  more?: Readonly<Record<string, string>> | undefined
}): string {
  const host = o.host ?? LOOPBACK
  return lines({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${o.controllerPort}`,
    listeners: `PLAINTEXT://${host}:${o.port},CONTROLLER://127.0.0.1:${o.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${o.advertisedPort ?? o.port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': o.dataDir,
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
    'log.cleaner.dedupe.buffer.size': '2097152',
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    ...((o.scramPort !== undefined || o.tls !== undefined) && moreListeners({ ...o, host })),
    ...o.more,
  })
}

/** Beside the listener for everybody, which a broker needs to begin with: its users are made through it. */
function moreListeners(o: {
  host: string
  port: number
  controllerPort: number
  scramPort?: number | undefined
  tls?: KafkaTls | undefined
}): Readonly<Record<string, string>> {
  const open = [
    `PLAINTEXT://${o.host}:${o.port}`,
    ...(o.scramPort === undefined ? [] : [`SASL_PLAINTEXT://${o.host}:${o.scramPort}`]),
    ...(o.tls === undefined ? [] : [`SSL://${o.host}:${o.tls.port}`]),
  ].join(',')
  return {
    listeners: `${open},CONTROLLER://127.0.0.1:${o.controllerPort}`,
    'advertised.listeners': open,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    ...(o.tls !== undefined && {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': o.tls.certificateKeyFile,
    }),
  }
}

/**
 * What Kafka's format tool would write, which costs a second JVM. It is enough because the voters are static:
 * https://kafka.apache.org/documentation/#kraft_voter
 */
export function metaProperties(): string {
  return lines({ version: '1', 'node.id': '1', 'cluster.id': kafkaUuid(), 'directory.id': kafkaUuid() })
}

export function clusterIdIn(meta: string): string {
  const id = /^cluster\.id=(.+)$/m.exec(meta)?.[1]
  if (id === undefined) throw new Error('meta.properties names no cluster.id')
  return id
}

/** 16 random bytes in base64url. Kafka refuses one that begins with a dash, for its tools would take it for an option. */
function kafkaUuid(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? kafkaUuid() : id
}

function lines(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${escaped(value)}\n`)
    .join('')
}

/** Java reads such a file as Latin-1 with escapes: https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html */
function escaped(value: string): string {
  return value.replaceAll(/[^ -[\]-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
