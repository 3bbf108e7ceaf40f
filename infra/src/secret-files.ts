import type { Rendering } from './rendering.ts'
import { childName } from './rendering.ts'
import type { SecretKey } from './secret-digest.ts'
import type { CanarySpec } from './spec/canary-spec.ts'
import type { MongodbTls } from './spec/mongodb-spec.ts'

/**
 * A value of a Secret that a container reads from a file, as the services read `VARIABLE_FILE`; without a key all of the
 * Secret, as a folder of files.
 */
export type SecretFile = SecretKey &
  Readonly<{
    variable: string
    /** The service wants the path itself in the variable. */
    isPath?: boolean
  }>

/**
 * Of one Secret: what it has to hold, and whether the operator makes it when it is missing. `onlyPod`: nothing but that
 * pod waits for it.
 */
export type RequiredSecret = Readonly<{
  name: string
  keys: readonly string[]
  isGenerated: boolean
  onlyPod?: 'canary'
}>

const KEYS = ['JWT_SECRET', 'SECRET_KEY', 'OPERATOR_TOKEN', 'ADMIN_PASSWORD'] as const

type Named = Pick<Rendering, 'name' | 'spec'>

function keysSecretOf({ name, spec }: Named): string {
  return spec.keys.secretName ?? childName(name, 'keys')
}

export function apiSecrets(r: Named): readonly SecretFile[] {
  const secret = keysSecretOf(r)
  const { smtpUrlSecretRef: smtp } = r.spec.api
  const key = (variable: string): SecretFile => ({ variable, secret, key: variable })
  return [
    key('JWT_SECRET'),
    key('SECRET_KEY'),
    key('OPERATOR_TOKEN'),
    ...(r.spec.api.adminEmail === undefined ? [] : [key('ADMIN_PASSWORD')]),
    ...(smtp === undefined ? [] : [{ variable: 'SMTP_URL', secret: smtp.name, key: smtp.key }]),
    ...sharedSecrets(r, 'api'),
  ]
}

export function consumerSecrets(r: Named): readonly SecretFile[] {
  return [{ variable: 'SECRET_KEY', secret: keysSecretOf(r), key: 'SECRET_KEY' }, ...sharedSecrets(r, 'consumer')]
}

export function canarySecrets({ apiKeySecretRef: { name, key } }: CanarySpec): readonly SecretFile[] {
  return [{ variable: 'API_KEY', secret: name, key }]
}

/** Everything that has to be there before pods can start; what Strimzi and MongoDB make comes by itself. */
export function requiredSecrets(r: Named): readonly RequiredSecret[] {
  const { kafka, evolution, tracing, canary } = r.spec
  const keys = KEYS.filter((key) => key !== 'ADMIN_PASSWORD' || r.spec.api.adminEmail !== undefined)
  const { tls, sasl } = kafka.external ?? {}
  return [
    {
      name: keysSecretOf(r),
      keys: r.spec.keys.secretName === undefined ? KEYS : keys,
      isGenerated: r.spec.keys.secretName === undefined,
    },
    ...(evolution.external === undefined
      ? [{ name: childName(r.name, 'evolution'), keys: evolutionKeys(evolution.mode), isGenerated: true }]
      : [named(evolution.external.apiKeySecretRef)]),
    ...mongodbRequired(r),
    ...(r.spec.api.smtpUrlSecretRef === undefined ? [] : [named(r.spec.api.smtpUrlSecretRef)]),
    ...(canary === undefined ? [] : [{ ...named(canary.apiKeySecretRef), onlyPod: 'canary' as const }]),
    ...(tls?.caSecretRef === undefined ? [] : [named(tls.caSecretRef)]),
    ...(sasl === undefined ? [] : [named(sasl.passwordSecretRef)]),
    ...(tracing?.headersSecretRef === undefined ? [] : [named(tracing.headersSecretRef)]),
  ]
}

function named({ name, key }: Readonly<{ name: string; key: string }>): RequiredSecret {
  return { name, keys: [key], isGenerated: false }
}

function mongodbRequired({ name, spec: { mongodb } }: Named): readonly RequiredSecret[] {
  if (mongodb.external !== undefined) {
    const { uriSecretRef, caSecretRef } = mongodb.external
    return [named(uriSecretRef), ...(caSecretRef === undefined ? [] : [named(caSecretRef)])]
  }
  const { tls } = mongodb.managed
  return [
    { name: childName(name, 'mongodb-password'), keys: ['password'], isGenerated: true },
    ...(tls === undefined
      ? []
      : [
          { name: tls.secretName, keys: ['tls.crt', 'tls.key'], isGenerated: false },
          named({ name: mongodbAuthoritySecret(tls), key: 'ca.crt' }),
        ]),
  ]
}

/** With the authorities that members and clients trust, as `ca.crt`. */
export function mongodbAuthoritySecret({ secretName, caSecretName = secretName }: MongodbTls): string {
  return caSecretName
}

function evolutionKeys(mode: string): readonly string[] {
  return mode === 'managed' ? ['AUTHENTICATION_API_KEY', 'POSTGRES_PASSWORD'] : ['AUTHENTICATION_API_KEY']
}

/** The Secret that the operator of MongoDB writes the connection string to. */
export function mongodbConnectionSecret(name: string): string {
  return childName(name, 'mongodb-connection')
}

function sharedSecrets(r: Named, component: 'api' | 'consumer'): readonly SecretFile[] {
  return [mongodbFile(r), ...mongodbAuthorities(r), evolutionFile(r), ...kafkaFiles(r, component), ...tracingFiles(r)]
}

function tracingFiles({ spec }: Named): readonly SecretFile[] {
  const headers = spec.tracing?.headersSecretRef
  return headers === undefined
    ? []
    : [{ variable: 'OTEL_EXPORTER_OTLP_HEADERS', secret: headers.name, key: headers.key }]
}

function mongodbFile({ name, spec }: Named): SecretFile {
  const variable = 'mongo_connection'
  if (spec.mongodb.external === undefined) {
    return { variable, secret: mongodbConnectionSecret(name), key: 'connectionString.standard' }
  }
  const { uriSecretRef } = spec.mongodb.external
  return { variable, secret: uriSecretRef.name, key: uriSecretRef.key }
}

function mongodbAuthorities({ spec: { mongodb } }: Named): readonly SecretFile[] {
  const variable = 'MONGO_TLS_CA'
  if (mongodb.external !== undefined) {
    const { caSecretRef } = mongodb.external
    return caSecretRef === undefined ? [] : [{ variable, secret: caSecretRef.name, key: caSecretRef.key }]
  }
  const { tls } = mongodb.managed
  return tls === undefined ? [] : [{ variable, secret: mongodbAuthoritySecret(tls), key: 'ca.crt' }]
}

function evolutionFile({ name, spec }: Named): SecretFile {
  const variable = 'AUTHENTICATION_API_KEY'
  if (spec.evolution.external === undefined) return { variable, secret: childName(name, 'evolution'), key: variable }
  const { apiKeySecretRef } = spec.evolution.external
  return { variable, secret: apiKeySecretRef.name, key: apiKeySecretRef.key }
}

/** What a program needs to log in to Kafka. */
export function kafkaFiles(
  { name, spec }: Named,
  component: 'api' | 'consumer' | 'topics' | 'keda',
): readonly SecretFile[] {
  if (spec.kafka.external === undefined) {
    return [
      // While Strimzi replaces its authority, the Secret has the old one, too, under a key with the time.
      { variable: 'KAFKA_SSL_CA', secret: childName(name, 'cluster-ca-cert'), isPath: true },
      { variable: 'KAFKA_SASL_PASSWORD', secret: childName(name, component), key: 'password' },
    ]
  }
  const { tls, sasl } = spec.kafka.external
  const ca = tls?.caSecretRef
  const password = sasl?.passwordSecretRef
  return [
    ...(ca === undefined ? [] : [{ variable: 'KAFKA_SSL_CA', secret: ca.name, key: ca.key, isPath: true }]),
    ...(password === undefined ? [] : [{ variable: 'KAFKA_SASL_PASSWORD', secret: password.name, key: password.key }]),
  ]
}
