import type { Rendering } from './rendering.ts'
import { childName } from './rendering.ts'

/** A value of a Secret that a container reads from a file, as the services read `VARIABLE_FILE`. */
export type SecretFile = Readonly<{
  variable: string
  secret: string
  key: string
  /** The service wants the path itself in the variable. */
  isPath?: boolean
}>

/** Of one Secret: what it has to hold, and whether the operator makes it when it is missing. */
export type RequiredSecret = Readonly<{ name: string; keys: readonly string[]; isGenerated: boolean }>

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

/** Everything that has to be there before pods can start; what Strimzi and MongoDB make comes by itself. */
export function requiredSecrets(r: Named): readonly RequiredSecret[] {
  const { kafka, mongodb, evolution } = r.spec
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
    ...(mongodb.external === undefined
      ? [{ name: childName(r.name, 'mongodb-password'), keys: ['password'], isGenerated: true }]
      : [named(mongodb.external.uriSecretRef)]),
    ...(r.spec.api.smtpUrlSecretRef === undefined ? [] : [named(r.spec.api.smtpUrlSecretRef)]),
    ...(tls?.caSecretRef === undefined ? [] : [named(tls.caSecretRef)]),
    ...(sasl === undefined ? [] : [named(sasl.passwordSecretRef)]),
  ]
}

function named({ name, key }: Readonly<{ name: string; key: string }>): RequiredSecret {
  return { name, keys: [key], isGenerated: false }
}

function evolutionKeys(mode: string): readonly string[] {
  return mode === 'managed' ? ['AUTHENTICATION_API_KEY', 'POSTGRES_PASSWORD'] : ['AUTHENTICATION_API_KEY']
}

/** The Secret that the operator of MongoDB writes the connection string to. */
export function mongodbConnectionSecret(name: string): string {
  return childName(name, 'mongodb-connection')
}

function sharedSecrets(r: Named, component: 'api' | 'consumer'): readonly SecretFile[] {
  return [mongodbFile(r), evolutionFile(r), ...kafkaFiles(r, component)]
}

function mongodbFile({ name, spec }: Named): SecretFile {
  const variable = 'mongo_connection'
  if (spec.mongodb.external === undefined) {
    return { variable, secret: mongodbConnectionSecret(name), key: 'connectionString.standard' }
  }
  const { uriSecretRef } = spec.mongodb.external
  return { variable, secret: uriSecretRef.name, key: uriSecretRef.key }
}

function evolutionFile({ name, spec }: Named): SecretFile {
  const variable = 'AUTHENTICATION_API_KEY'
  if (spec.evolution.external === undefined) return { variable, secret: childName(name, 'evolution'), key: variable }
  const { apiKeySecretRef } = spec.evolution.external
  return { variable, secret: apiKeySecretRef.name, key: apiKeySecretRef.key }
}

/** What a program needs to log in to Kafka. */
export function kafkaFiles({ name, spec }: Named, component: 'api' | 'consumer' | 'topics'): readonly SecretFile[] {
  if (spec.kafka.external === undefined) {
    return [
      { variable: 'KAFKA_SSL_CA', secret: childName(name, 'cluster-ca-cert'), key: 'ca.crt', isPath: true },
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
