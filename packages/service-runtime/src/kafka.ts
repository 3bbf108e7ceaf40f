import { readFileSync } from 'node:fs'
import { Kafka, type LogEntry, logLevel } from 'kafkajs'
import { createKafkaSocket } from './kafka/kafka-socket.ts'
import type { KafkaConfig } from './kafka-env.ts'
import type { Logger } from './logger.ts'

export { type KafkaConfig, kafkaConfigOf, kafkaEnv } from './kafka-env.ts'

/**
 * A kafkajs client; it connects to nothing yet.
 * @throws when the file of `config.ssl.caFile` cannot be read
 */
export function createKafka(o: { config: KafkaConfig; clientId: string; logger: Logger }): Kafka {
  const { brokers, ssl, sasl } = o.config
  const logger = o.logger.child({ library: 'kafkajs' })
  return new Kafka({
    clientId: o.clientId,
    brokers: [...brokers],
    connectionTimeout: 3000,
    requestTimeout: 5000,
    // Without it a request to a frozen broker never ends.
    enforceRequestTimeout: true,
    socketFactory: createKafkaSocket,
    logLevel: kafkaLevelOf(o.logger.level),
    logCreator: () => (entry) => writeEntry(logger, entry),
    ...(ssl && { ssl: ssl.caFile === undefined ? true : { ca: [readFileSync(ssl.caFile, 'utf8')] } }),
    ...(sasl && { sasl: saslOptions(sasl) }),
  })
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

function writeEntry(logger: Logger, { level, namespace, log }: LogEntry): void {
  const facts = Object.fromEntries(FACTS.flatMap((fact) => (log[fact] === undefined ? [] : [[fact, log[fact]]])))
  logger[pinoLevelOf({ level, message: log.message, error: log['error'] })](
    { part: namespace, event: log.message, ...facts },
    'kafka client',
  )
}

function pinoLevelOf(entry: { level: logLevel; message: string; error: unknown }): 'error' | 'warn' | 'info' | 'debug' {
  // Said at the birth of every producer with bounded retries, and wanted: the callers set their own deadline.
  if (entry.message.startsWith('Limiting retries for the idempotent producer')) return 'debug'
  if (entry.level === logLevel.ERROR) return isBrokerGettingReady(entry.error) ? 'warn' : 'error'
  if (entry.level === logLevel.WARN) return 'warn'
  return entry.level === logLevel.INFO ? 'info' : 'debug'
}

/** What a broker answers for its first seconds; kafkajs asks again by itself, and nobody has to act. */
function isBrokerGettingReady(error: unknown): boolean {
  return typeof error === 'string' && /coordinator is (loading|not available)/.test(error)
}

function kafkaLevelOf(pinoLevel: string): logLevel {
  if (pinoLevel === 'trace' || pinoLevel === 'debug') return logLevel.DEBUG
  if (pinoLevel === 'info') return logLevel.INFO
  if (pinoLevel === 'silent') return logLevel.NOTHING
  return pinoLevel === 'warn' ? logLevel.WARN : logLevel.ERROR
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
