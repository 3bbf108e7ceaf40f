import { mongoConfigOf, mongoEnv, parseEnv } from '@whatsapp-sender/service-runtime'
import { MongoClient } from 'mongodb'
import { z } from 'zod'
import { StartError } from './start-error.ts'

const MONGO_TIMEOUT_MS = 8000
const EVOLUTION_TIMEOUT_MS = 5000

/**
 * Asks somebody's own MongoDB whether it is there and lets us in: the services would wait for it without a word.
 * @throws {StartError}
 */
export async function reachMongo(env: NodeJS.ProcessEnv): Promise<void> {
  const { url, username, password } = mongoConfigOf(parseEnv(z.object(mongoEnv), env))
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: MONGO_TIMEOUT_MS,
    ...(username !== undefined && password !== undefined && { auth: { username, password } }),
  })
  try {
    await client.db('admin').command({ ping: 1 })
  } catch (error) {
    const from = env['mongo_connection'] === undefined ? 'MONGO_URL' : 'mongo_connection'
    throw new StartError(
      `MongoDB cannot be used at the address of ${from}: ${reasonOf(error)}\nStart it, or take ${from} away: npm start brings a MongoDB of its own.`,
    )
  } finally {
    await client.close()
  }
}

/** Whether an Evolution API answers at all; the system can wait for it. */
export async function reachEvolution(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(EVOLUTION_TIMEOUT_MS) })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}

/** The innermost words: what wraps them says only that something failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message
}
