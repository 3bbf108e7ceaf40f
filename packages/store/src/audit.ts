import { randomUUID } from 'node:crypto'
import type { mongo } from 'mongoose'
import { earlierThan } from './earlier-than.ts'

export type AuditAction =
  | 'user.approved'
  | 'user.rejected'
  | 'user.role-changed'
  | 'user.events-changed'
  | 'user.password-reset-issued'
  | 'password.changed'
  | 'password.reset'
  | 'session.ended'
  | 'sessions.ended'
  | 'api-key.created'
  | 'api-key.revoked'
  | 'instance.adopted'
  | 'instance.changed'
  | 'instance.owner-changed'
  | 'instance.manager-changed'
  | 'instance.shared'
  | 'instance.unshared'
  | 'instance.restarted'
  | 'instance.logged-out'
  | 'instance.deleted'
  | 'evolution-server.created'
  | 'evolution-server.changed'
  | 'evolution-server.removed'
  | 'person.exported'
  | 'person.erased'
  | 'undecodable.discarded'
  | 'dead-letters.replayed'
  | 'dead-letters.discarded'

/** Who did what to what, from where. Nothing secret: not even the hash of a key. */
export type AuditEntry = Readonly<{
  id: string
  at: Date
  /** Id of a user. */
  by: string
  action: AuditAction
  /** Id or name of what it was done to. */
  target: string
  address: string
  details: Readonly<Record<string, string | number | readonly string[]>>
}>

export type AuditPlace = Readonly<{ at: number; id: string }>

export type AuditFilter = Readonly<{ by?: string | undefined; target?: string | undefined }>

type AuditDocument = Omit<AuditEntry, 'id'> & { _id: string; expireAt: Date }

export const AUDIT_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'newest_first', key: { at: -1, _id: -1 } },
  { name: 'by', key: { by: 1, at: -1, _id: -1 } },
  { name: 'target', key: { target: 1, at: -1, _id: -1 } },
  { name: 'by_and_target', key: { by: 1, target: 1, at: -1, _id: -1 } },
  { name: 'retention', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

const DAY_MS = 86_400_000

export type AuditLog = ReturnType<typeof createAuditLog>

/** Collection `audit`: written once, never changed, gone with its time. */
export function createAuditLog(db: mongo.Db, { retentionDays }: Readonly<{ retentionDays: number }>) {
  const entries = db.collection<AuditDocument>('audit')
  return {
    insert: async (entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void> => {
      const at = new Date()
      const expireAt = new Date(at.getTime() + retentionDays * DAY_MS)
      await entries.insertOne({ _id: randomUUID(), at, expireAt, ...entry })
    },
    /** Newest first. What comes meanwhile does not move a page. */
    list: async (
      { by, target }: AuditFilter,
      { after, limit }: Readonly<{ after?: AuditPlace | undefined; limit: number }>,
    ): Promise<{ data: AuditEntry[]; next: AuditPlace | undefined }> => {
      const which = { ...(by !== undefined && { by }), ...(target !== undefined && { target }) }
      const found = await entries
        .find({ ...which, ...(after && earlierThan('at', after)) }, { maxTimeMS: 5000 })
        .sort({ at: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(({ _id, expireAt: _gone, ...rest }) => ({ id: _id, ...rest }))
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { at: last.at.getTime(), id: last.id } }
    },
  }
}
