import { join } from 'node:path'
import { cacheDirectory, repositoryRoot } from '../embedded/repository.ts'
import type { Command } from './running-process.ts'

/**
 * - kafkajs counts a deadline that has passed as a negative time-out, which Node.js reports and corrects
 * - a young generation of 4 MB instead of 16 keeps a service under load some 50 MB smaller
 */
export const nodeFlags = ['--disable-warning=TimeoutNegativeWarning', '--max-semi-space-size=4']

/** One of the project's programs, as production runs it. */
export function nodeCommand(main: string, env: NodeJS.ProcessEnv): Command {
  return {
    file: process.execPath,
    args: [...nodeFlags, main],
    // Without types to strip a process starts in half the time and 20 MB smaller.
    env: { NODE_COMPILE_CACHE: join(cacheDirectory, 'compile'), ...env },
    cwd: repositoryRoot,
  }
}
