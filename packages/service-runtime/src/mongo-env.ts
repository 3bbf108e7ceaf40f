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
  ...allOrNone({ MONGO_USERNAME: z.string(), MONGO_PASSWORD: z.string() }),
}

type MongoEnv = z.infer<z.ZodObject<typeof mongoEnv>>

export type MongoConfig = Readonly<{ url: string; database: string; username?: string; password?: string }>

export function mongoConfigOf(env: MongoEnv): MongoConfig {
  const { MONGO_DATABASE: database, MONGO_USERNAME: username, MONGO_PASSWORD: password } = env
  if (env.mongo_connection !== undefined) return { url: env.mongo_connection, database }
  if (username === undefined || password === undefined) return { url: env.MONGO_URL, database }
  return { url: env.MONGO_URL, database, username, password }
}
