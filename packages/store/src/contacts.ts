import type { mongo } from 'mongoose'
import { nextPrefix } from './next-prefix.ts'

type ContactDocument = {
  /** `instanceId/number` */
  _id: string
  firstSentAt?: Date
  /** WhatsApp's id of the first message. */
  firstKeyId?: string
  lastSentAt?: Date
  remoteJid?: string
  /** The number is known to be on WhatsApp until then. */
  existsUntil?: Date
  /** It was looked up and never written to. */
  checkedOnly?: true
}

/** What an instance knows of a recipient. Times are ms since the epoch. */
export type Contact = Readonly<{
  /** Undefined: it was never written to. */
  firstSentAt: number | undefined
  lastSentAt: number | undefined
  /** As WhatsApp knows it, learned from an answer. */
  remoteJid: string | undefined
}>

/** As a message says whom it goes to. */
type Recipient = Readonly<{ instanceId: string; to: string }>

export type ContactSend = Readonly<{
  instanceId: string
  /** As the ledger has it: `+` and digits. */
  number: string
  at: number
  /** Undefined: the answer is missing. */
  keyId: string | undefined
  remoteJid: string | undefined
}>

/** Who was not written to for so long counts as new again. */
const KEPT_SECONDS = 400 * 86_400

/** A number changes hands seldom, but it does. */
const EXISTS_MS = 7 * 86_400_000

export const CONTACT_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'first', key: { firstKeyId: 1 }, partialFilterExpression: { firstKeyId: { $exists: true } } },
  { name: 'forgotten', key: { lastSentAt: 1 }, expireAfterSeconds: KEPT_SECONDS },
  {
    name: 'check_forgotten',
    key: { existsUntil: 1 },
    expireAfterSeconds: KEPT_SECONDS,
    partialFilterExpression: { checkedOnly: true },
  },
]

/** Collection `contacts`: whom each instance has written to, as far as its pace asks for it or the number is another. */
export type Contacts = ReturnType<typeof createContacts>

export function createContacts(db: mongo.Db) {
  const contacts = db.collection<ContactDocument>('contacts')
  const readById = async (ids: readonly string[]): Promise<ReadonlyMap<string, Contact>> => {
    const found = await contacts.find({ _id: { $in: [...ids] } }, { readConcern: 'majority' }).toArray()
    return new Map(found.map((doc) => [doc._id, contactOf(doc)]))
  }
  return {
    /** By number; those nothing is known of are left out. */
    find: async (instanceId: string, numbers: readonly string[]): Promise<ReadonlyMap<string, Contact>> => {
      const found = await readById(numbers.map((number) => idOf(instanceId, number)))
      return new Map([...found].map(([id, contact]) => [id.slice(instanceId.length + 1), contact]))
    },
    /** Of recipients of any instances, in one read; the answer says it of each. */
    findAll: async (recipients: readonly Recipient[]): Promise<(recipient: Recipient) => Contact | undefined> => {
      const byId = await readById(recipients.map(({ instanceId, to }) => idOf(instanceId, to)))
      return ({ instanceId, to }) => byId.get(idOf(instanceId, to))
    },
    /** Repeating it is safe. */
    record: async (sends: readonly ContactSend[]): Promise<void> => {
      if (sends.length === 0) return
      const operations = sends.map(({ instanceId, number, at, keyId, remoteJid }) => ({
        updateOne: {
          filter: { _id: idOf(instanceId, number) },
          update: [{ $set: recorded({ at: new Date(at), keyId, remoteJid }) }],
          upsert: true,
        },
      }))
      await contacts.bulkWrite(operations, { ordered: false })
    },
    /** Numbers that are known to be on WhatsApp now, with their JID where it is not made of the number. */
    findExisting: async (
      instanceId: string,
      numbers: readonly string[],
    ): Promise<ReadonlyMap<string, string | undefined>> => {
      const ids = numbers.map((number) => idOf(instanceId, number))
      const found = await contacts.find({ _id: { $in: ids }, $expr: { $gt: ['$existsUntil', '$$NOW'] } }).toArray()
      return new Map(found.map(({ _id, remoteJid }) => [_id.slice(instanceId.length + 1), remoteJid]))
    },
    /** `exists`: on WhatsApp now; `known`: written to or found there once. */
    whatIsKnownOf: async (instanceId: string, number: string): Promise<'exists' | 'known' | 'nothing'> => {
      const [found] = await contacts
        .aggregate<{ exists: boolean; known: boolean }>([
          { $match: { _id: idOf(instanceId, number) } },
          {
            $project: {
              exists: { $gt: ['$existsUntil', '$$NOW'] },
              known: { $or: [{ $gt: ['$firstSentAt', null] }, { $gt: ['$existsUntil', null] }] },
            },
          },
        ])
        .toArray()
      if (found?.exists) return 'exists'
      return found?.known ? 'known' : 'nothing'
    },
    /** They are on WhatsApp, which is believed for seven days. Repeating it is safe. */
    recordExisting: async (
      instanceId: string,
      found: readonly Readonly<{ number: string; jid?: string | undefined }>[],
    ): Promise<void> => {
      if (found.length === 0) return
      const operations = found.map(({ number, jid }) => ({
        updateOne: {
          filter: { _id: idOf(instanceId, number) },
          update: [{ $set: existing(number, jid) }],
          upsert: true,
        },
      }))
      await contacts.bulkWrite(operations, { ordered: false })
    },
    /** Recipients whose first message, and with it the instance's first word to them, is one of these. */
    firstSentAs: async (
      sends: readonly Readonly<{ instanceId: string; keyId: string }>[],
    ): Promise<Readonly<{ instanceId: string; number: string; keyId: string }>[]> => {
      const wanted = new Set(sends.map(({ instanceId, keyId }) => `${instanceId}/${keyId}`))
      const found = await contacts.find({ firstKeyId: { $in: sends.map(({ keyId }) => keyId) } }).toArray()
      return found.flatMap(({ _id, firstKeyId: keyId = '' }) => {
        const at = _id.indexOf('/')
        const instanceId = _id.slice(0, at)
        return wanted.has(`${instanceId}/${keyId}`) ? [{ instanceId, number: _id.slice(at + 1), keyId }] : []
      })
    },
    /** The next instance, by id, that knows anybody. */
    nextInstance: (after: string): Promise<string | undefined> => nextPrefix(contacts, after),
    /** Answers how many were forgotten. */
    erase: async (instanceId: string, numbers: readonly string[]): Promise<number> => {
      const { deletedCount } = await contacts.deleteMany({
        _id: { $in: numbers.map((each) => idOf(instanceId, each)) },
      })
      return deletedCount
    },
    /** That message did not reach them: they count as never written to. */
    forgetFirst: async (
      recipients: readonly Readonly<{ instanceId: string; number: string; keyId: string }>[],
    ): Promise<void> => {
      if (recipients.length === 0) return
      const operations = recipients.map(({ instanceId, number, keyId }) => ({
        updateOne: {
          filter: { _id: idOf(instanceId, number), firstKeyId: keyId },
          update: { $unset: { firstSentAt: 1, firstKeyId: 1 } } as const,
        },
      }))
      await contacts.bulkWrite(operations, { ordered: false })
    },
  }
}

function idOf(instanceId: string, number: string): string {
  return `${instanceId}/${number}`
}

function recorded({
  at,
  keyId,
  remoteJid,
}: Readonly<{ at: Date; keyId: string | undefined; remoteJid: string | undefined }>): Record<string, unknown> {
  const isFirst = { $eq: [{ $type: '$firstSentAt' }, 'missing'] }
  return {
    firstSentAt: { $ifNull: ['$firstSentAt', at] },
    firstKeyId: { $ifNull: [{ $cond: [isFirst, { $literal: keyId ?? null }, '$firstKeyId'] }, '$$REMOVE'] },
    lastSentAt: { $max: ['$lastSentAt', at] },
    checkedOnly: '$$REMOVE',
    ...(remoteJid !== undefined && { remoteJid: { $literal: remoteJid } }),
  }
}

function existing(number: string, jid: string | undefined): Record<string, unknown> {
  const isOther = jid !== undefined && jid !== '' && !jid.startsWith(`${number.slice(1)}@`)
  const wasWritten = { $ne: [{ $type: '$lastSentAt' }, 'missing'] }
  return {
    existsUntil: { $add: ['$$NOW', EXISTS_MS] },
    checkedOnly: { $cond: [wasWritten, '$$REMOVE', true] },
    ...(isOther && { remoteJid: { $literal: jid } }),
  }
}

function contactOf({ firstSentAt, lastSentAt, remoteJid }: ContactDocument): Contact {
  return { firstSentAt: firstSentAt?.getTime(), lastSentAt: lastSentAt?.getTime(), remoteJid }
}
