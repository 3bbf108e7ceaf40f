import { type OnAmbiguous, ROLES, type Role, roleOf } from '@whatsapp-sender/contract'
import { type Connection, type QueryFilter, Schema, Types, trusted } from 'mongoose'
import { isDuplicateKey } from './duplicate-key.ts'

export type UserStatus = 'pending' | 'approved' | 'rejected'

export type User = Readonly<{
  id: string
  email: string
  fullname: string
  status: UserStatus
  role: Role
  passwordHash: string
  /** Rises when every token issued so far must stop to work. */
  tokenVersion: number
  onAmbiguous: OnAmbiguous
  /** What becomes of the user's messages is told as events; undefined: as the installation has it. */
  eventFeed?: boolean
  createdAt: Date
  /** Why the account was approved or rejected. */
  reason?: string
}>

export type NewUser = Readonly<Pick<User, 'email' | 'fullname' | 'passwordHash' | 'role' | 'status'>>

/** An account as the system before this one kept it, `id` included: of its rows there is never a second copy. */
export type OlderUser = Readonly<Pick<UserDocument, 'fullname' | 'email' | 'password' | 'allowed'> & { id: string }>

export type Profile = Readonly<{ fullname?: string | undefined; onAmbiguous?: OnAmbiguous | undefined }>

/**
 * A row of `users`. The first four fields are those of the system before this one, whose rows have nothing else; they
 * stay true, so that it could go on reading ours.
 */
type UserDocument = {
  _id: Types.ObjectId
  fullname: string
  email: string
  password: string
  allowed: boolean
  /** The e-mail in lower case. Rows of the older system lack it: among them an e-mail may repeat, in any case. */
  emailKey?: string
  status?: UserStatus
  /** As it was written: `roleOf` says what it means. */
  role?: Role | 'user'
  tokenVersion?: number
  onAmbiguous?: OnAmbiguous
  eventFeed?: boolean
  createdAt?: Date
  reason?: string
  statusBy?: string
  statusAt?: Date
}

const ANY_CASE = { locale: 'en', strength: 2 }

const userSchema = new Schema<UserDocument>(
  {
    fullname: { type: String, required: true },
    email: { type: String, required: true },
    password: { type: String, required: true },
    allowed: { type: Boolean, required: true },
    emailKey: String,
    status: { type: String, enum: ['pending', 'approved', 'rejected'] },
    role: { type: String, enum: [...ROLES, 'user'] },
    tokenVersion: Number,
    onAmbiguous: { type: String, enum: ['resend', 'hold'] },
    eventFeed: Boolean,
    createdAt: Date,
    reason: String,
    statusBy: String,
    statusAt: Date,
  },
  { versionKey: false },
)
userSchema.index({ emailKey: 1 }, { name: 'email_key', unique: true, sparse: true })
userSchema.index({ email: 1 }, { name: 'email_any_case', collation: ANY_CASE })

/** What else has to happen when a user may, or may no longer, use the service. */
type AccessListener = (user: string, access: Readonly<{ active: boolean; revoke: boolean }>) => Promise<void>

export type Users = ReturnType<typeof createUsers>

export function createUsers(connection: Connection, { onAccess }: Readonly<{ onAccess: AccessListener }>) {
  const model = connection.model<UserDocument>('User', userSchema, 'users')

  const findByEmail = async (email: string): Promise<User | undefined> => {
    const given = email.trim()
    const emailKey = emailKeyOf(given)
    const alike = await model.find({ email: given }).collation(ANY_CASE).lean()
    // The collation is there for the index. It also overlooks what cannot be seen and equates letters of other widths:
    // with that an account would have many names, and whoever counts per name would count each by itself.
    const found = alike.filter(({ email }) => emailKeyOf(email) === emailKey)
    const user = found.find((row) => row.emailKey === emailKey) ?? found.find((row) => row.email === given) ?? found[0]
    return user && userOf(user)
  }

  /** Whether there is an administrator who can come in, besides `except`. */
  const hasAdmin = async (except: Types.ObjectId | null = null): Promise<boolean> =>
    (await model.exists({ role: 'admin', allowed: true, _id: trusted({ $ne: except }) })) !== null

  return {
    create: async (user: NewUser): Promise<User | 'email-taken'> => {
      if ((await findByEmail(user.email)) !== undefined) return 'email-taken'
      const document = documentOf(user)
      try {
        await model.insertOne(document)
        return userOf(document)
      } catch (error) {
        if (isDuplicateKey(error)) return 'email-taken'
        throw error
      }
    },
    /** `known`: it is here, or somebody has its e-mail. Nothing is changed then. */
    importOlder: async ({ id, fullname, email, password, allowed }: OlderUser): Promise<'imported' | 'known'> => {
      if ((await findByEmail(email)) !== undefined) return 'known'
      try {
        await model.insertOne({ _id: new Types.ObjectId(id), fullname, email, password, allowed })
        return 'imported'
      } catch (error) {
        if (isDuplicateKey(error)) return 'known'
        throw error
      }
    },
    /** An account of ours before one of the older system, and there the one written as given before others. */
    findByEmail,
    findById: async (id: string): Promise<User | undefined> => {
      const _id = objectIdOf(id)
      const found = _id && (await model.findById(_id).lean())
      return found ? userOf(found) : undefined
    },
    replacePasswordHash: async (id: string, passwordHash: string): Promise<void> => {
      await model.updateOne({ _id: objectIdOf(id) ?? null }, { $set: { password: passwordHash } })
    },
    /** A new password: every token issued so far stops to work. */
    changePassword: async (id: string, passwordHash: string): Promise<User | undefined> => {
      const change = { $set: { password: passwordHash }, $inc: { tokenVersion: 1 } }
      const updated = await model
        .findOneAndUpdate({ _id: objectIdOf(id) ?? null }, change, { returnDocument: 'after' })
        .lean()
      return updated === null ? undefined : userOf(updated)
    },
    /** What a user may say of himself. */
    changeProfile: async (id: string, profile: Profile): Promise<User | undefined> => {
      const given = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined))
      const updated = await model
        .findOneAndUpdate({ _id: objectIdOf(id) ?? null }, { $set: given }, { returnDocument: 'after' })
        .lean()
      return updated === null ? undefined : userOf(updated)
    },
    bumpTokenVersion: async (id: string): Promise<void> => {
      await model.updateOne({ _id: objectIdOf(id) ?? null }, { $inc: { tokenVersion: 1 } })
    },
    /** Also opens or shuts the user's instances; a rejected user's tokens stop to work. Repeating it is safe. */
    setStatus: async (
      id: string,
      status: UserStatus,
      { reason, by }: Readonly<{ reason?: string | undefined; by: string }>,
    ): Promise<User | undefined> => {
      const revoke = status === 'rejected'
      const updated = await model
        .findOneAndUpdate(
          { _id: objectIdOf(id) ?? null },
          {
            $set: { status, allowed: status === 'approved', statusBy: by, ...(reason !== undefined && { reason }) },
            ...(reason === undefined && { $unset: { reason: 1 } }),
            $currentDate: { statusAt: true },
            ...(revoke && { $inc: { tokenVersion: 1 } }),
          },
          { returnDocument: 'after' },
        )
        .lean()
      if (updated === null) return undefined
      await onAccess(id, { active: status === 'approved', revoke })
      return userOf(updated)
    },
    /** Refused when no administrator would be left. */
    setRole: async (id: string, role: Role): Promise<User | 'last-admin' | undefined> => {
      const _id = objectIdOf(id) ?? null
      if (role !== 'admin' && !(await hasAdmin(_id))) return 'last-admin'
      const updated = await model.findOneAndUpdate({ _id }, { $set: { role } }, { returnDocument: 'after' }).lean()
      if (updated === null) return undefined
      if (role === 'admin' || (await hasAdmin())) return userOf(updated)
      // Two administrators took each other's role at once: each gives it back.
      await model.updateOne({ _id }, { $set: { role: 'admin' } })
      return 'last-admin'
    },
    /** For messages accepted from now on. */
    setEventFeed: async (id: string, eventFeed: boolean): Promise<User | undefined> => {
      const updated = await model
        .findOneAndUpdate({ _id: objectIdOf(id) ?? null }, { $set: { eventFeed } }, { returnDocument: 'after' })
        .lean()
      return updated === null ? undefined : userOf(updated)
    },
    /** In the order of creation. `next` is the `after` of the following page. */
    listByStatus: async (
      status: UserStatus | undefined,
      { after, limit }: Readonly<{ after?: string | undefined; limit: number }>,
    ): Promise<{ data: User[]; next: string | undefined }> => {
      const afterId = after === undefined ? undefined : objectIdOf(after)
      const found = await model
        .find({ ...whereStatus(status), ...(afterId && { _id: trusted({ $gt: afterId }) }) })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .lean()
      const data = found.slice(0, limit).map(userOf)
      return { data, next: found.length > limit ? data.at(-1)?.id : undefined }
    },
    createIndexes: () => model.createIndexes(),
  }
}

function documentOf({ email, fullname, passwordHash, role, status }: NewUser): UserDocument {
  return {
    _id: new Types.ObjectId(),
    fullname,
    email: emailKeyOf(email),
    emailKey: emailKeyOf(email),
    password: passwordHash,
    allowed: status === 'approved',
    status,
    role,
    tokenVersion: 0,
    onAmbiguous: 'resend',
    createdAt: new Date(),
  }
}

function userOf(doc: UserDocument): User {
  return {
    id: doc._id.toHexString(),
    email: doc.email,
    fullname: doc.fullname,
    status: doc.status ?? (doc.allowed ? 'approved' : 'pending'),
    role: roleOf(doc.role),
    passwordHash: doc.password,
    tokenVersion: doc.tokenVersion ?? 0,
    onAmbiguous: doc.onAmbiguous ?? 'resend',
    createdAt: doc.createdAt ?? doc._id.getTimestamp(),
    ...(doc.eventFeed !== undefined && { eventFeed: doc.eventFeed }),
    ...(doc.reason !== undefined && { reason: doc.reason }),
  }
}

function whereStatus(status: UserStatus | undefined): QueryFilter<UserDocument> {
  if (status === undefined) return {}
  if (status === 'rejected') return { status }
  const allowed = status === 'approved' ? true : trusted({ $ne: true })
  return { $or: [{ status }, { status: trusted({ $exists: false }), allowed }] }
}

function emailKeyOf(email: string): string {
  return email.trim().toLowerCase()
}

function objectIdOf(id: string): Types.ObjectId | undefined {
  return /^[0-9a-f]{24}$/.test(id) ? Types.ObjectId.createFromHexString(id) : undefined
}
