import { z } from 'zod'
import { allOrNone } from './config.ts'
import { envBoolean, envList, envPort } from './env-values.ts'

/** `KAFKA_BROKERS` wins over `KAFKA_HOST` and `KAFKA_PORT`; with neither it is `localhost:9092`. */
export const kafkaEnv = {
  KAFKA_BROKERS: envList
    .refine((brokers) => brokers.every((broker) => BROKER.test(broker)), 'must be host:port parted by commas')
    .optional(),
  KAFKA_HOST: z.string().default('localhost'),
  KAFKA_PORT: envPort.default(9092),
  /** In front of the names of topics and groups, so that several systems can share a cluster. */
  KAFKA_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, ".", "_" or "-"')
    .default(''),
  KAFKA_SSL: envBoolean.default(false),
  /** Path of a PEM file, or of a folder of such, with the authorities to trust in place of the system's. */
  KAFKA_SSL_CA: z.string().optional(),
  ...allOrNone({
    KAFKA_SASL_MECHANISM: z.enum(
      ['plain', 'scram-sha-256', 'scram-sha-512'],
      'must be "plain", "scram-sha-256" or "scram-sha-512"',
    ),
    KAFKA_SASL_USERNAME: z.string(),
    KAFKA_SASL_PASSWORD: z.string(),
  }),
}

type KafkaEnv = z.infer<z.ZodObject<typeof kafkaEnv>>

export type KafkaConfig = Readonly<{
  /** Each `host:port`. */
  brokers: readonly string[]
  prefix: string
  ssl?: Readonly<{ caPath?: string }>
  sasl?: Readonly<{ mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }>
}>

export function kafkaConfigOf(env: KafkaEnv): KafkaConfig {
  return {
    brokers: env.KAFKA_BROKERS ?? [`${env.KAFKA_HOST}:${env.KAFKA_PORT}`],
    prefix: env.KAFKA_PREFIX,
    ...sslOf(env),
    ...saslOf(env),
  }
}

const BROKER = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/

/** Authorities mean TLS: nobody gives one for a plain connection. */
function sslOf(env: KafkaEnv): Pick<KafkaConfig, 'ssl'> {
  if (env.KAFKA_SSL_CA !== undefined) return { ssl: { caPath: env.KAFKA_SSL_CA } }
  return env.KAFKA_SSL ? { ssl: {} } : {}
}

function saslOf(env: KafkaEnv): Pick<KafkaConfig, 'sasl'> {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = env
  if (mechanism === undefined || username === undefined || password === undefined) return {}
  return { sasl: { mechanism, username, password } }
}
