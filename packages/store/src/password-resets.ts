import { createHash, randomBytes } from 'node:crypto'
import type { mongo } from 'mongoose'

/** One per user, the newest. Of the token only a hash is kept: 256 random bits need no salt. */
type PasswordReset = { _id: string; hash: string; expireAt: Date }

export const PASSWORD_RESET_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'hash', key: { hash: 1 }, unique: true },
  { name: 'expired', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export type PasswordResets = ReturnType<typeof createPasswordResets>

/** Collection `password_resets`: whoever shows the token may set a new password, once. */
export function createPasswordResets(db: mongo.Db) {
  const resets = db.collection<PasswordReset>('password_resets')
  const valid = (token: string) => ({ hash: hashOf(token), expireAt: { $gt: new Date() } })
  return {
    /** The token before it stops to work. */
    issue: async ({
      user,
      ttlMs,
    }: Readonly<{ user: string; ttlMs: number }>): Promise<{ token: string; expiresAt: Date }> => {
      const token = `wpr_${randomBytes(32).toString('base64url')}`
      const expireAt = new Date(Date.now() + ttlMs)
      await resets.updateOne({ _id: user }, { $set: { hash: hashOf(token), expireAt } }, { upsert: true })
      return { token, expiresAt: expireAt }
    },
    isValid: async (token: string): Promise<boolean> => (await resets.findOne(valid(token), ASKED)) !== null,
    /** Whose password may be set now; undefined when the token is wrong, over or was redeemed. */
    redeem: async (token: string): Promise<string | undefined> =>
      (await resets.findOneAndDelete(valid(token)))?._id ?? undefined,
  }
}

const ASKED = { maxTimeMS: 5000 }

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
