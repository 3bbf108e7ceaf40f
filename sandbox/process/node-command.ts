import { join } from 'node:path'
import { cacheDirectory, repositoryRoot } from '../embedded/repository.ts'
import type { Command } from './running-process.ts'

/**
 * - kafkajs counts a deadline that has passed as a negative time-out, which Node.js reports and corrects
 * - where there is much memory V8 lets garbage lie: with this bound a consumer with 100,000 messages waiting takes half
 *   of it
 * - several threads that collect young garbage cost more than they save where a process has one core, and 20 MB
 */
const EVERY_PROGRAM = [
  '--disable-warning=TimeoutNegativeWarning',
  '--max-old-space-size=512',
  '--no-parallel-scavenge',
] as const

export const nodeFlags = {
  /**
   * - what is in flight lives a few milliseconds: 32 MB for young garbage would be 50 MB more of resident memory
   * - undici's parser is WebAssembly: optimising it takes 24 MB for a moment, most of which the process then keeps, and
   *   the API asks Evolution for something rarely
   */
  api: [...EVERY_PROGRAM, '--max-semi-space-size=8', '--liftoff-only'],
  /**
   * Young garbage is collected before it has left the room that is meant for it: what is in flight lives a tenth of a
   * second, and with 8 MB of that room, copying it was a fifth of the consumer's work.
   */
  others: [...EVERY_PROGRAM, '--max-semi-space-size=32'],
  /**
   * A pod of 256 MB, without kafkajs, which is idle most of the time:
   * - with 8 MB for young garbage it takes 12 MB more, and with an optimised parser of WebAssembly 24
   * - the optimising compilers are 12 MB of code that is read and of memory that they work in, to save it a few
   *   milliseconds of what it does rarely
   */
  operator: [
    '--max-old-space-size=160',
    '--no-parallel-scavenge',
    '--max-semi-space-size=2',
    '--liftoff-only',
    '--no-opt',
    '--no-maglev',
    '--optimize-for-size',
  ],
} as const

/** @param main file of a program, in any form of its path */
export function nodeFlagsOf(main: string): readonly string[] {
  const [, service] = /(?:^|\/)services\/(api|canary|operator)\//.exec(main) ?? []
  // The canary runs in the image of the API.
  if (service === 'api' || service === 'canary') return nodeFlags.api
  return service === 'operator' ? nodeFlags.operator : nodeFlags.others
}

/** One of the project's programs, as production runs it. */
export function nodeCommand(main: string, env: NodeJS.ProcessEnv): Command {
  return {
    file: process.execPath,
    args: [...nodeFlagsOf(main), main],
    env: nodeEnvironment(env),
    cwd: repositoryRoot,
  }
}

/**
 * - stripped types are kept: without types to strip a process starts in half the time and 20 MB smaller
 * - glibc would give each thread memory of its own, and keep it
 */
export function nodeEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(cacheDirectory, 'compile'), MALLOC_ARENA_MAX: '1', ...env }
}
