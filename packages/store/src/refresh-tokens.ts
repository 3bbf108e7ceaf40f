import { createHash, randomBytes } from 'node:crypto'
import type { mongo } from 'mongoose'

/** One login. Its refresh token changes at each use; only the hash of the newest is kept. */
type RefreshTokenFamily = {
  _id: string
  user: string
  current: string
  expireAt: Date
}

export type Rotation = Readonly<{ kind: 'rotated'; user: string; token: string } | { kind: 'refused' }>

export const REFRESH_TOKEN_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'user', key: { user: 1 } },
  { name: 'expired', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export type RefreshTokens = ReturnType<typeof createRefreshTokens>

/** Collection `refresh_tokens`. A token is `<family>.<secret>`; a family has one valid secret at a time. */
export function createRefreshTokens(db: mongo.Db) {
  const families = db.collection<RefreshTokenFamily>('refresh_tokens')
  return {
    issue: async ({ user, ttlMs }: Readonly<{ user: string; ttlMs: number }>): Promise<string> => {
      const family = randomBytes(16).toString('base64url')
      const secret = newSecret()
      await families.insertOne({ _id: family, user, current: hashOf(secret), expireAt: new Date(Date.now() + ttlMs) })
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
        { $set: { current: hashOf(next), expireAt: new Date(now.getTime() + ttlMs) } },
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
    revokeAllOf: async (user: string): Promise<void> => {
      await families.deleteMany({ user })
    },
  }
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
