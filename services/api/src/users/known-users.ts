import type { User } from '@whatsapp-sender/store'
import { LRUCache } from 'lru-cache'
import { inTime } from '../in-time.ts'

/** A user, `missing`, or `unavailable` when the database is down and nothing is known. */
export type KnownUser = User | 'missing' | 'unavailable'

export type KnownUsers = Readonly<{
  byId(id: string): KnownUser | Promise<KnownUser>
  byEmail(email: string): KnownUser | Promise<KnownUser>
  /** After a change made here; other replicas see it when their copy has aged. */
  forget(user: { id: string; email: string }): void
}>

export type KnownUsersOptions = Readonly<{
  findById(id: string): Promise<User | undefined>
  findByEmail(email: string): Promise<User | undefined>
  /** How long a status or a revocation may go unnoticed. */
  maxAgeMs?: number
  usersMax?: number
  now?(): number
}>

const LOOKUP_TIMEOUT_MS = 1000

/**
 * The callers of the last half minute, in memory, so that a request costs no query. While the database is down the last
 * that was known holds; who was never seen is not let in.
 */
export function createKnownUsers(o: KnownUsersOptions): KnownUsers {
  const { maxAgeMs = 30_000, usersMax = 10_000, now = () => performance.now() } = o
  const copies = new LRUCache<string, { user: User | 'missing'; at: number }>({ max: usersMax })
  const lookups = new Map<string, Promise<KnownUser>>()

  function known(key: string, find: () => Promise<User | undefined>): KnownUser | Promise<KnownUser> {
    const copy = copies.get(key)
    if (copy !== undefined && now() - copy.at < maxAgeMs) return copy.user
    const running = lookups.get(key)
    if (running !== undefined) return running
    const lookup = ask(key, find).finally(() => lookups.delete(key))
    lookups.set(key, lookup)
    return lookup
  }

  async function ask(key: string, find: () => Promise<User | undefined>): Promise<KnownUser> {
    const found = await inTime(find(), LOOKUP_TIMEOUT_MS)
    if (found.kind === 'done') {
      const user = found.value ?? 'missing'
      copies.set(key, { user, at: now() })
      return user
    }
    const last = copies.get(key)
    if (last === undefined) return 'unavailable'
    // Ask again soon, not with every request: each question to a dead database takes its whole time-out.
    last.at = now() - maxAgeMs * 0.9
    return last.user
  }

  return {
    byId: (id) => known(`id:${id}`, () => o.findById(id)),
    byEmail: (email) => known(`email:${email}`, () => o.findByEmail(email)),
    forget: ({ id, email }) => {
      copies.delete(`id:${id}`)
      copies.delete(`email:${email}`)
    },
  }
}
