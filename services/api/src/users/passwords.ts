import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { Verification } from './password-worker.ts'

/** `busy`: too many are waiting already; nothing was done. */
export type Passwords = Readonly<{
  name: string
  hash(password: string): Promise<string | 'busy'>
  /** `hash` undefined stands for a user who does not exist: it takes as long and never matches. */
  verify(password: string, hash: string | undefined): Promise<Verification | 'busy'>
  stop(): Promise<void>
}>

const WAITING_MAX = 16
const IDLE_MS = 5_000

/**
 * bcrypt in worker threads, one core left to the event loop, with a short queue in front.
 *
 * @param o.cost of new hashes, 2^cost rounds; default what a hash of nobody costs
 */
export function createPasswords(o: { cost?: number | undefined } = {}): Passwords {
  const pool = new Piscina<unknown, unknown>({
    filename: new URL('./password-worker.ts', import.meta.url).href,
    // A thread is 20 MB: it comes with the first login, within 0.1 s, and goes when there was none for a moment.
    minThreads: 0,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    maxThreads: Math.max(1, availableParallelism() - 1),
    maxQueue: WAITING_MAX,
  })
  const isBusy = () => pool.queueSize >= WAITING_MAX
  return {
    name: 'passwords',
    hash: async (password) => {
      if (isBusy()) return 'busy'
      return String(await pool.run({ password, cost: o.cost }, { name: 'hashPassword' }))
    },
    verify: async (password, hash) => {
      if (isBusy()) return 'busy'
      return verificationOf(await pool.run({ password, hash }, { name: 'verifyPassword' }))
    },
    stop: () => pool.destroy(),
  }
}

function verificationOf(answer: unknown): Verification {
  const has = (flag: string) => typeof answer === 'object' && answer !== null && Reflect.get(answer, flag) === true
  return { matches: has('matches'), isOutdated: has('isOutdated') }
}
