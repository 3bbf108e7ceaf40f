import { reachMongo } from '../embedded/mongo/reach-mongo.ts'
import { StartError } from './start-error.ts'

const EVOLUTION_TIMEOUT_MS = 5000

/**
 * The services would wait for somebody's own MongoDB without a word, so it is asked before they start.
 * @throws {StartError}
 */
export async function requireMongo(env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await reachMongo(env)
  } catch (error) {
    if (error instanceof Error && error.name === 'ConfigError') throw error
    const from = env['mongo_connection'] === undefined ? 'MONGO_URL' : 'mongo_connection'
    throw new StartError(
      `MongoDB cannot be used at the address of ${from}: ${reasonOf(error)}\nStart it, or take ${from} away: npm start brings a MongoDB of its own.`,
    )
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
