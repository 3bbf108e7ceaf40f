import { join } from 'node:path'
import { cacheDirectory, repositoryRoot } from '../embedded/repository.ts'
import type { Command } from './running-process.ts'

/**
 * - kafkajs counts a deadline that has passed as a negative time-out, which Node.js reports and corrects
 * - where there is much memory V8 lets garbage lie: with these bounds a consumer with 100,000 messages waiting takes
 *   half of it
 * - several threads that collect young garbage cost more than they save where a process has one core, and 20 MB
 */
export const nodeFlags = [
  '--disable-warning=TimeoutNegativeWarning',
  '--max-semi-space-size=8',
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
