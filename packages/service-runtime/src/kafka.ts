import { Kafka, type LogEntry, logLevel } from 'kafkajs'
import type { Registry } from 'prom-client'
import { createFaultLog, type FaultLog } from './fault-log.ts'
import { readAuthorities } from './kafka/authorities.ts'
import { createCertificates } from './kafka/certificates.ts'
import { createKafkaSocket } from './kafka/kafka-socket.ts'
import { useOwnEncoders } from './kafka/own-encoders.ts'
import type { KafkaConfig } from './kafka-env.ts'
import type { Logger } from './logger.ts'

export { type KafkaConfig, kafkaConfigOf, kafkaEnv } from './kafka-env.ts'

useOwnEncoders()

/**
 * A kafkajs client; it connects to nothing yet. Into `registry` goes until when its certificates are valid.
 * @throws when what is at `config.ssl.caPath` cannot be read
 */
export function createKafka(o: { config: KafkaConfig; clientId: string; logger: Logger; registry?: Registry }): Kafka {
  const { brokers, ssl, sasl } = o.config
  const certificates = o.registry && createCertificates(o.registry)
  const authorities = ssl?.caPath === undefined ? undefined : readAuthorities(ssl.caPath)
  if (authorities !== undefined) certificates?.trusted(authorities)
  const faults = createFaultLog(o.logger)
  const kafka = new Kafka({
    clientId: o.clientId,
    brokers: [...brokers],
    connectionTimeout: 3000,
    requestTimeout: 5000,
    // Without it a request to a frozen broker never ends.
    enforceRequestTimeout: true,
    socketFactory: (to) => createKafkaSocket(to, certificates?.watch),
    logLevel: kafkaLevelOf(o.logger.level),
    logCreator: () => (entry) => writeEntry({ logger: o.logger, faults }, entry),
    ...(ssl && { ssl: authorities === undefined ? true : { ca: [authorities] } }),
    ...(sasl && { sasl: saslOptions(sasl) }),
  })
  o.logger.on('level-change', () => kafka.logger().setLogLevel(kafkaLevelOf(o.logger.level)))
  return kafka
}

/** Facts worth a field. The rest of an entry is left out: at debug level kafkajs adds whole requests and responses. */
const FACTS = [
  'broker',
  'clientId',
  'groupId',
  'memberId',
  'topic',
  'partition',
  'offset',
  'error',
  'retryCount',
  'retryTime',
  'correlationId',
] as const

function writeEntry({ logger, faults }: Readonly<{ logger: Logger; faults: FaultLog }>, entry: LogEntry): void {
  const { namespace: part, log } = entry
  const facts = Object.fromEntries(FACTS.flatMap((fact) => (log[fact] === undefined ? [] : [[fact, log[fact]]])))
  const fields = { library: 'kafkajs', part, event: log.message, ...facts }
  const level = pinoLevelOf({ level: entry.level, message: log.message, error: log['error'] })
  // It connects and asks again by itself, several times a second for as long as a broker is away.
  if (level === 'debug') logger.debug(fields, 'kafka client')
  else {
    const kind = `${part} ${log.message} ${String(log['error'])}`.replace(/\d+/g, '')
    faults[level === 'error' ? 'error' : 'warn'](fields, 'kafka client', kind)
  }
}

/** Of its steps without a fault the service says itself what there is to say. */
function pinoLevelOf(entry: { level: logLevel; message: string; error: unknown }): 'error' | 'warn' | 'debug' {
  // Said at the birth of every producer with bounded retries, and wanted: the callers set their own deadline.
  if (entry.message.startsWith('Limiting retries for the idempotent producer')) return 'debug'
  if (entry.level === logLevel.ERROR) return isBrokerGettingReady(entry.error) ? 'warn' : 'error'
  return entry.level === logLevel.WARN ? 'warn' : 'debug'
}

/** What a broker answers for its first seconds; kafkajs asks again by itself, and nobody has to act. */
function isBrokerGettingReady(error: unknown): boolean {
  return typeof error === 'string' && /coordinator is (loading|not available)/.test(error)
}

function kafkaLevelOf(pinoLevel: string): logLevel {
  if (pinoLevel === 'trace' || pinoLevel === 'debug') return logLevel.DEBUG
  if (pinoLevel === 'silent') return logLevel.NOTHING
  return pinoLevel === 'info' || pinoLevel === 'warn' ? logLevel.WARN : logLevel.ERROR
}

/** One literal per mechanism, for kafkajs' type is a union over it. */
function saslOptions({ mechanism, username, password }: NonNullable<KafkaConfig['sasl']>) {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password }
    case 'scram-sha-256':
      return { mechanism, username, password }
    case 'scram-sha-512':
      return { mechanism, username, password }
  }
}
