import { z } from 'zod'
import { allOrNone } from './config.ts'

const MongoUrl = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\/[^/\s]/, 'must begin with mongodb:// or mongodb+srv:// and a host')

/** `mongo_connection`, a whole connection string, wins over `MONGO_URL` and its credentials. */
export const mongoEnv = {
  MONGO_URL: MongoUrl.default('mongodb://localhost:27017'),
  mongo_connection: MongoUrl.optional(),
  MONGO_DATABASE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,63}$/, 'must be 1 to 63 letters, digits, "_" or "-"')
    .default('db_api_wppsenderserver'),
  /** Authorities to trust in place of the system's, in PEM. They mean TLS: nobody gives any for a plain connection. */
  MONGO_TLS_CA: z.string().includes('-----BEGIN CERTIFICATE-----', 'must hold a certificate in PEM').optional(),
  ...allOrNone({ MONGO_USERNAME: z.string(), MONGO_PASSWORD: z.string() }),
}

type MongoEnv = z.infer<z.ZodObject<typeof mongoEnv>>

export type MongoConfig = Readonly<{
  url: string
  database: string
  username?: string
  password?: string
  /** In PEM; with it, the connection is TLS. */
  authorities?: string
}>

export function mongoConfigOf(env: MongoEnv): MongoConfig {
  const { MONGO_DATABASE: database, MONGO_USERNAME: username, MONGO_PASSWORD: password } = env
  const common = { database, ...(env.MONGO_TLS_CA !== undefined && { authorities: env.MONGO_TLS_CA }) }
  if (env.mongo_connection !== undefined) return { url: env.mongo_connection, ...common }
  if (username === undefined || password === undefined) return { url: env.MONGO_URL, ...common }
  return { url: env.MONGO_URL, ...common, username, password }
}
