import { createHash, randomBytes } from 'node:crypto'
import type { mongo } from 'mongoose'
import { earlierThan } from './earlier-than.ts'

/** One login. Its refresh token changes at each use; only the hash of the newest is kept. */
type RefreshTokenFamily = {
  _id: string
  user: string
  current: string
  expireAt: Date
  createdAt?: Date
  lastUsedAt?: Date
  /** Where the login came from. */
  address?: string
}

/** A login as its user sees it. */
export type Session = Readonly<{
  id: string
  address: string | undefined
  createdAt: Date
  lastUsedAt: Date
  expiresAt: Date
}>

export type SessionPlace = Readonly<{ at: number; id: string }>

export type Rotation = Readonly<{ kind: 'rotated'; user: string; token: string } | { kind: 'refused' }>

export const REFRESH_TOKEN_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'newest_first', key: { user: 1, createdAt: -1, _id: -1 } },
  { name: 'expired', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export type RefreshTokens = ReturnType<typeof createRefreshTokens>

/** Collection `refresh_tokens`. A token is `<family>.<secret>`; a family has one valid secret at a time. */
export function createRefreshTokens(db: mongo.Db) {
  const families = db.collection<RefreshTokenFamily>('refresh_tokens')
  return {
    issue: async ({ user, ttlMs, address }: NewSession): Promise<string> => {
      const family = randomBytes(16).toString('base64url')
      const secret = newSecret()
      const now = new Date()
      const expireAt = new Date(now.getTime() + ttlMs)
      const times = { createdAt: now, lastUsedAt: now, expireAt }
      await families.insertOne({
        _id: family,
        user,
        current: hashOf(secret),
        ...times,
        ...(address !== undefined && { address }),
      })
      return `${family}.${secret}`
    },
    /** Exchanges a token for the next one. A token that was used before is in two hands, so its whole family ends. */
    rotate: async (token: string, ttlMs: number): Promise<Rotation> => {
      const [family, secret] = partsOf(token)
      if (family === undefined || secret === undefined) return { kind: 'refused' }
      const next = newSecret()
      const now = new Date()
      const rotated = await families.findOneAndUpdate(
        { _id: family, current: hashOf(secret), expireAt: { $gt: now } },
        { $set: { current: hashOf(next), lastUsedAt: now, expireAt: new Date(now.getTime() + ttlMs) } },
      )
      if (rotated !== null) return { kind: 'rotated', user: rotated.user, token: `${family}.${next}` }
      await families.deleteOne({ _id: family })
      return { kind: 'refused' }
    },
    /** Ends the login that a token belongs to. */
    revoke: async (token: string): Promise<void> => {
      const [family, secret] = partsOf(token)
      if (family !== undefined && secret !== undefined)
        await families.deleteOne({ _id: family, current: hashOf(secret) })
    },
    /** Newest first. */
    listOf: async (
      user: string,
      { after, limit }: Readonly<{ after?: SessionPlace | undefined; limit: number }>,
    ): Promise<{ data: Session[]; next: SessionPlace | undefined }> => {
      const found = await families
        .find(
          {
            user,
            expireAt: { $gt: new Date() },
            ...(after && earlierThan('createdAt', after)),
          },
          ASKED,
        )
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(sessionOf)
      const last = found.length > limit ? data.at(-1) : undefined
      return { data, next: last && { at: last.createdAt.getTime(), id: last.id } }
    },
    /** False when the user has no such session. */
    end: async (user: string, id: string): Promise<boolean> =>
      (await families.deleteOne({ _id: id, user })).deletedCount === 1,
    revokeAllOf: async (user: string): Promise<void> => {
      await families.deleteMany({ user })
    },
  }
}

const ASKED = { maxTimeMS: 5000 }

type NewSession = Readonly<{ user: string; ttlMs: number; address?: string | undefined }>

function sessionOf({ _id, address, createdAt, lastUsedAt, expireAt }: RefreshTokenFamily): Session {
  const since = createdAt ?? new Date(0)
  return { id: _id, address, createdAt: since, lastUsedAt: lastUsedAt ?? since, expiresAt: expireAt }
}

function partsOf(token: string): readonly (string | undefined)[] {
  return /^([\w-]{22})\.([\w-]{43})$/.exec(token)?.slice(1) ?? []
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
