import { join } from 'node:path'
import { cacheDirectory, repositoryRoot } from '../embedded/repository.ts'
import type { Command } from './running-process.ts'

/**
 * - kafkajs counts a deadline that has passed as a negative time-out, which Node.js reports and corrects
 * - where there is much memory V8 lets garbage lie: with this bound a consumer with 100,000 messages waiting takes half
 *   of it
 * - young garbage is collected before it has left the room that is meant for it: what is in flight lives a tenth of a
 *   second, and with 8 MB of that room, copying it was a fifth of the consumer's work
 * - several threads that collect young garbage cost more than they save where a process has one core, and 20 MB
 */
export const nodeFlags = [
  '--disable-warning=TimeoutNegativeWarning',
  '--max-semi-space-size=32',
  '--max-old-space-size=512',
  '--no-parallel-scavenge',
]

/** One of the project's programs, as production runs it. */
export function nodeCommand(main: string, env: NodeJS.ProcessEnv): Command {
  return {
    file: process.execPath,
    args: [...nodeFlags, main],
    env: nodeEnvironment(env),
    cwd: repositoryRoot,
  }
}

/** Stripped types are kept: without types to strip a process starts in half the time and 20 MB smaller. */
export function nodeEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(cacheDirectory, 'compile'), ...env }
}
