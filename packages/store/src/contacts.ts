import type { mongo } from 'mongoose'

type ContactDocument = {
  /** `instanceId/number` */
  _id: string
  firstSentAt?: Date
  firstKeyId?: string
  lastSentAt?: Date
  remoteJid?: string
  /** The number is known to be on WhatsApp until then. */
  existsUntil?: Date
}

/** What an instance knows of a recipient. Times are ms since the epoch. */
export type Contact = Readonly<{
  /** Undefined: it was never written to. */
  firstSentAt: number | undefined
  lastSentAt: number | undefined
  /** As WhatsApp knows it, learned from an answer. */
  remoteJid: string | undefined
}>

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

export const CONTACT_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'forgotten', key: { lastSentAt: 1 }, expireAfterSeconds: KEPT_SECONDS },
]

/** Collection `contacts`: whom each instance has written to, as far as its pace asks for it or the number is another. */
export type Contacts = ReturnType<typeof createContacts>

export function createContacts(db: mongo.Db) {
  const contacts = db.collection<ContactDocument>('contacts')
  return {
    /** By number; those nothing is known of are left out. */
    find: async (instanceId: string, numbers: readonly string[]): Promise<ReadonlyMap<string, Contact>> => {
      const ids = numbers.map((number) => idOf(instanceId, number))
      const found = await contacts.find({ _id: { $in: ids } }, { readConcern: 'majority' }).toArray()
      return new Map(found.map((doc) => [doc._id.slice(instanceId.length + 1), contactOf(doc)]))
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
    /**
     * WhatsApp refused these messages after they were taken. A recipient whose first message is among them was not
     * reached and counts as new again. Returns the instances of these recipients.
     */
    forgetRefused: async (
      refused: readonly Readonly<{ instanceId: string; number: string; keyId: string }>[],
    ): Promise<string[]> => {
      const hit = new Set<string>()
      for (const { instanceId, number, keyId } of refused) {
        const filter = { _id: idOf(instanceId, number), firstKeyId: keyId }
        const { matchedCount } = await contacts.updateOne(filter, { $unset: { firstSentAt: 1 } })
        if (matchedCount > 0) hit.add(instanceId)
      }
      return [...hit]
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
    firstKeyId: { $cond: [isFirst, { $literal: keyId ?? null }, '$firstKeyId'] },
    lastSentAt: { $max: ['$lastSentAt', at] },
    ...(remoteJid !== undefined && { remoteJid: { $literal: remoteJid } }),
  }
}

function contactOf({ firstSentAt, lastSentAt, remoteJid }: ContactDocument): Contact {
  return { firstSentAt: firstSentAt?.getTime(), lastSentAt: lastSentAt?.getTime(), remoteJid }
}
