import { mongoConfigOf, mongoEnv, parseEnv } from '@whatsapp-sender/service-runtime'
import { MongoClient } from 'mongodb'
import { z } from 'zod'

const TIMEOUT_MS = 8000

/**
 * Asks the MongoDB that the environment names whether it is there and lets us in.
 * @throws what the driver throws
 */
export async function reachMongo(env: NodeJS.ProcessEnv): Promise<void> {
  const { url, username, password, authorities } = mongoConfigOf(parseEnv(z.object(mongoEnv), env))
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: TIMEOUT_MS,
    ...(authorities !== undefined && { tls: true, ca: authorities }),
    ...(username !== undefined && password !== undefined && { auth: { username, password } }),
  })
  try {
    await client.db('admin').command({ ping: 1 })
  } finally {
    await client.close()
  }
}
