import { CountryCode } from '@whatsapp-sender/contract'
import {
  deepFreeze,
  envBoolean,
  envDecimal,
  envInteger,
  envSecrets,
  evolutionConfigOf,
  evolutionEnv,
  mongoConfigOf,
  mongoEnv,
  outgoingEnv,
  parseEnv,
  runtimeConfigOf,
  runtimeEnv,
  tracingConfigOf,
  tracingEnv,
} from '@whatsapp-sender/service-runtime'
import { kafkaConfigOf, kafkaEnv } from '@whatsapp-sender/service-runtime/kafka'
import { z } from 'zod'

const schema = z.object({
  ...runtimeEnv,
  ...kafkaEnv,
  ...mongoEnv,
  ...evolutionEnv,
  ...outgoingEnv,
  ...tracingEnv,
  SECRET_KEY: envSecrets(32),
  /** Rows have to outlive the topic's seven days, or reading it again would send again. */
  MESSAGE_RETENTION_DAYS: envInteger({ min: 9, max: 3650 }).default(30),
  /** Fractions are for tests. */
  REDACT_AFTER_HOURS: envDecimal({ min: 0.0001, max: 87_600 }).optional(),
  PACE_DEFAULT_PER_MINUTE: envInteger({ min: 0, max: 6000 }).default(60),
  PACE_DEFAULT_BURST: envInteger({ min: 1, max: 100 }).default(5),
  DEFAULT_COUNTRY: CountryCode.prefault('BR'),
  MAX_IN_FLIGHT: envInteger({ min: 1, max: 10_000 }).default(256),
  INSTANCE_IN_FLIGHT: envInteger({ min: 1, max: 20 }).default(2),
  ATTEMPTS_MAX: envInteger({ min: 1, max: 100 }).default(10),
  RETRY_BASE_MS: envInteger({ min: 1, max: 3_600_000 }).default(500),
  RETRY_CAP_MS: envInteger({ min: 1, max: 86_400_000 }).default(300_000),
  /** A claim that is known for three minutes counts as forgotten: a request has to be over half a minute before. */
  EVOLUTION_TIMEOUT_MS: envInteger({ min: 1000, max: 140_000 }).default(75_000),
  AMBIGUOUS_SETTLE_MS: envInteger({ min: 0, max: 3_600_000 }).default(90_000),
  /** Fractions are for tests: a minute is short for a phone that is asleep. */
  STUCK_AFTER_MINUTES: envDecimal({ min: 0.001, max: 10_080 }).default(10),
  /** Each is a series in Prometheus. */
  INSTANCE_METRICS_MAX: envInteger({ min: 0, max: 1000 }).default(0),
  DRAIN_TIMEOUT_MS: envInteger({ min: 0, max: 600_000 }).default(80_000),
  /** A heartbeat may be under way for as long as a request; of a shorter session too little is left before the fence. */
  KAFKA_SESSION_TIMEOUT_MS: envInteger({ min: 8000, max: 300_000 }).default(20_000),
  ACCEPT_LEGACY_RECORDS: envBoolean.default(false),
})

/** The time limit of one request to a broker: for so long the answer to a heartbeat may have been on its way. */
const KAFKA_REQUEST_TIMEOUT_MS = 5000

export type ConsumerConfig = ReturnType<typeof loadConfig>

/** @throws ConfigError that names every variable at fault */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const values = parseEnv(schema, env)
  return deepFreeze({
    runtime: runtimeConfigOf(values),
    /** The ratio is the API's to go by: a message brings along whether its trace is kept. */
    tracing: tracingConfigOf(values, 'consumer'),
    kafka: kafkaConfigOf(values),
    sessionTimeoutMs: values.KAFKA_SESSION_TIMEOUT_MS,
    heartbeatAgeMaxMs: values.KAFKA_SESSION_TIMEOUT_MS - KAFKA_REQUEST_TIMEOUT_MS,
    mongo: mongoConfigOf(values),
    evolution: { ...evolutionConfigOf(values), timeoutMs: values.EVOLUTION_TIMEOUT_MS },
    secretKeys: values.SECRET_KEY,
    retentionDays: values.MESSAGE_RETENTION_DAYS,
    redactAfterMs: values.REDACT_AFTER_HOURS === undefined ? undefined : values.REDACT_AFTER_HOURS * 3_600_000,
    paceDefault: { perMinute: values.PACE_DEFAULT_PER_MINUTE, burst: values.PACE_DEFAULT_BURST },
    maxInFlight: values.MAX_IN_FLIGHT,
    instanceInFlight: values.INSTANCE_IN_FLIGHT,
    retry: { attemptsMax: values.ATTEMPTS_MAX, baseMs: values.RETRY_BASE_MS, capMs: values.RETRY_CAP_MS },
    ambiguousSettleMs: values.AMBIGUOUS_SETTLE_MS,
    stuckAfterMs: values.STUCK_AFTER_MINUTES * 60_000,
    instanceMetricsMax: values.INSTANCE_METRICS_MAX,
    privateNetworks: values.OUTGOING_PRIVATE_NETWORKS,
    drainTimeoutMs: values.DRAIN_TIMEOUT_MS,
    acceptOldRecords: values.ACCEPT_LEGACY_RECORDS,
    defaultCountry: values.DEFAULT_COUNTRY,
  })
}
