import { partOf } from '../process/part-of-environment.ts'
import type { GivenAddresses } from './given-addresses.ts'
import { urlOf } from './http-probe.ts'
import type { ReadySystem } from './ready-file.ts'

export type SystemPlan = Readonly<{
  /** What the user set, with the secrets of this clone for what he did not. */
  env: NodeJS.ProcessEnv
  given: GivenAddresses
  host: string
  ports: Readonly<
    Record<'api' | 'apiMetrics' | 'consumerMetrics' | 'canaryMetrics' | 'evolution' | 'prometheus', number>
  >
}>

/** Where the servers are that were started. */
export type ServerAddresses = Readonly<{ kafka: string; mongo: string; evolution: string }>

export function evolutionEnvironment({ env, host, ports }: SystemPlan, stateDir: string): NodeJS.ProcessEnv {
  return {
    SANDBOX_AUTO_OPEN: 'true',
    SANDBOX_STATE_DIR: stateDir,
    ...env,
    HOST: host,
    SANDBOX_PORT: String(ports.evolution),
  }
}

export function apiEnvironment(plan: SystemPlan, addresses: ServerAddresses): NodeJS.ProcessEnv {
  const { host, ports } = plan
  return {
    EVOLUTION_WEBHOOK_URL: `${urlOf(host, ports.api)}/v1/evolution/events`,
    ...serviceEnvironment(plan, addresses),
    PORT: String(ports.api),
    METRICS_PORT: String(ports.apiMetrics),
  }
}

export function consumerEnvironment(plan: SystemPlan, addresses: ServerAddresses): NodeJS.ProcessEnv {
  return {
    // The one consumer that died is not waited for longer than this when it comes back.
    KAFKA_SESSION_TIMEOUT_MS: '10000',
    ...serviceEnvironment(plan, addresses),
    METRICS_PORT: String(plan.ports.consumerMetrics),
  }
}

/** In the sandbox, where nobody sees its number. */
const CANARY_RECIPIENT = '+5511987650000'
/** It calls the API as anybody outside does, and knows no secret of the services. */
const OF_CANARY = /^(PATH|NODE_EXTRA_CA_CERTS|LOG_.*|CANARY_.*)$/

/** `instance` is the one that it sends from, unless the user names one of his own. */
export function canaryEnvironment(
  { env, host, ports }: SystemPlan,
  { api, admin, instance }: Pick<ReadySystem, 'api' | 'admin'> & Readonly<{ instance: string }>,
): NodeJS.ProcessEnv {
  // Whoever receives at a number of one's own may never read.
  const goal = env['CANARY_INSTANCE'] === undefined ? { CANARY_UNTIL: 'read' } : {}
  return {
    CANARY_INSTANCE: instance,
    CANARY_RECIPIENT,
    ...goal,
    ...partOf(env, OF_CANARY),
    HOST: host,
    METRICS_PORT: String(ports.canaryMetrics),
    API_URL: api,
    API_EMAIL: admin.email,
    API_PASSWORD: admin.password,
  }
}

/** What was given is passed on as it is, with all that belongs to it; what was started replaces it. */
function serviceEnvironment({ env, given, host }: SystemPlan, addresses: ServerAddresses): NodeJS.ProcessEnv {
  return {
    ...env,
    HOST: host,
    ...(given.kafka === undefined && { KAFKA_BROKERS: addresses.kafka }),
    // An .env made for containers has the password of their database.
    ...(given.mongo === undefined && { MONGO_URL: addresses.mongo, MONGO_USERNAME: '', MONGO_PASSWORD: '' }),
    ...(given.evolution === undefined && { EVOLUTION_API_URL: addresses.evolution }),
  }
}
