import type { k8s } from '../cdk8s.ts'
import { childName, PORTS, type Rendering } from '../rendering.ts'

const KAFKA_TLS_PORT = 9093

/** What API and consumer both read, beside their secrets. */
export function serviceEnvironment(r: Rendering, component: 'api' | 'consumer'): Readonly<Record<string, string>> {
  return {
    HOST: '0.0.0.0',
    METRICS_PORT: String(PORTS.metrics),
    ...kafkaEnvironment(r, component),
    MONGO_DATABASE: r.spec.mongodb.database,
    EVOLUTION_API_URL: evolutionUrl(r),
    ...tracingEnvironment(r, component),
  }
}

function tracingEnvironment(
  { name, spec }: Rendering,
  component: 'api' | 'consumer',
): Readonly<Record<string, string>> {
  if (spec.tracing === undefined) return {}
  const { endpoint, samplingRatio } = spec.tracing
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_SERVICE_NAME: childName(name, component),
    // Never with an exponent, and without the noughts at its end.
    OTEL_TRACES_SAMPLER_ARG: samplingRatio.toFixed(6).replace(/\.?0+$/, ''),
  }
}

/** Users of Kafka are named after the ServiceAccount whose pods log in. */
export function kafkaEnvironment(
  { name, spec }: Rendering,
  component: 'api' | 'consumer' | 'topics' | 'keda',
): Readonly<Record<string, string>> {
  const { prefix, external } = spec.kafka
  const common = { ...(prefix !== '' && { KAFKA_PREFIX: prefix }) }
  if (external === undefined) {
    return {
      ...common,
      KAFKA_BROKERS: `${name}-kafka-bootstrap:${KAFKA_TLS_PORT}`,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: childName(name, component),
    }
  }
  const { bootstrapServers, tls, sasl } = external
  return {
    ...common,
    KAFKA_BROKERS: bootstrapServers.join(','),
    ...(tls !== undefined && { KAFKA_SSL: 'true' }),
    ...(sasl !== undefined && { KAFKA_SASL_MECHANISM: sasl.mechanism, KAFKA_SASL_USERNAME: sasl.username }),
  }
}

function evolutionUrl({ name, spec }: Rendering): string {
  const { mode, external } = spec.evolution
  if (external !== undefined) return external.url
  return mode === 'sandbox'
    ? `http://${childName(name, 'sandbox')}:${PORTS.sandbox}`
    : `http://${childName(name, 'evolution')}:${PORTS.evolution}`
}

/** Variables that the custom resource sets by name. */
export function settingsOf(r: Rendering): readonly k8s.EnvFromSource[] {
  return [{ configMapRef: { name: childName(r.name, 'settings') } }]
}
