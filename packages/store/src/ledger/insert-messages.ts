import { mongo } from 'mongoose'
import type { IngestedMessage, MessageCollection, MessageDocument } from './message-document.ts'
import { firstEntry, tell } from './outbox.ts'

/** `refused`: MongoDB will not take this very message; the others are not concerned. */
export type InsertResult = Readonly<{
  inserted: readonly IngestedMessage[]
  duplicates: readonly IngestedMessage[]
  refused: readonly Readonly<{ message: IngestedMessage; detail: string }>[]
}>

const DUPLICATE_KEY = 11_000

/** What the server says of a document that it will never take: anything else may pass, and must not cost a message. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  2, // BadValue
  15, // Overflow: nested too deeply
  22, // InvalidBSON
  52, // DollarPrefixedFieldName
  57, // DottedFieldName
  121, // DocumentValidationFailure
  10_334, // BSONObjectTooLarge
  17_280, // a key too large for its index
])

/**
 * Makes rows of accepted messages: one unordered write, acknowledged by a majority. Repeating it is safe. Throws when
 * it is not certain that every row is kept, a write concern that timed out included. `now`: the store's clock.
 */
export async function insertMessages(
  rows: MessageCollection,
  messages: readonly IngestedMessage[],
  now: Date,
): Promise<InsertResult> {
  const [first] = messages
  if (first === undefined) return { inserted: [], duplicates: [], refused: [] }
  try {
    await rows.insertMany(
      messages.map((message) => documentOf(message, now)),
      { ordered: false },
    )
    return { inserted: messages, duplicates: [], refused: [] }
  } catch (error) {
    if (isUnwritable(error)) {
      if (messages.length === 1)
        return { inserted: [], duplicates: [], refused: [{ message: first, detail: error.message }] }
      return await insertHalves(rows, messages, now)
    }
    const result = resultOf(error, messages)
    await noteConflicts(rows, result.duplicates, now)
    return result
  }
}

/** The driver could not even write the documents down. It does not say which one is at fault, and has sent none of them. */
function isUnwritable(error: unknown): error is Error {
  return [mongo.BSON.BSONError, mongo.MongoInvalidArgumentError, RangeError].some((kind) => error instanceof kind)
}

async function insertHalves(
  rows: MessageCollection,
  messages: readonly IngestedMessage[],
  now: Date,
): Promise<InsertResult> {
  const middle = Math.ceil(messages.length / 2)
  const first = await insertMessages(rows, messages.slice(0, middle), now)
  const second = await insertMessages(rows, messages.slice(middle), now)
  return {
    inserted: [...first.inserted, ...second.inserted],
    duplicates: [...first.duplicates, ...second.duplicates],
    refused: [...first.refused, ...second.refused],
  }
}

function resultOf(error: unknown, messages: readonly IngestedMessage[]): InsertResult {
  if (!(error instanceof mongo.MongoBulkWriteError)) throw error
  if (error.result.getWriteConcernError() !== undefined) throw error
  const writeErrors = [error.writeErrors].flat()
  // The driver wraps a connection that broke in the same error, with an empty list: that would read as "all inserted".
  if (error.insertedCount + writeErrors.length !== messages.length) throw error
  if (writeErrors.some(({ code }) => code !== DUPLICATE_KEY && !REFUSALS.has(code))) throw error
  const failed = new Map(writeErrors.map((each) => [each.index, each]))
  const inserted = messages.filter((_, index) => !failed.has(index))
  const duplicates = messages.filter((_, index) => failed.get(index)?.code === DUPLICATE_KEY)
  const refused = messages.flatMap((message, index) => {
    const failure = failed.get(index)
    if (failure === undefined || failure.code === DUPLICATE_KEY) return []
    return [
      {
        message,
        detail: `${failure.code}: ${failure.errmsg ?? 'refused'}`.slice(0, 500),
      },
    ]
  })
  return { inserted, duplicates, refused }
}

/** A repeated id with another body: the first one stays, the row keeps the proof. */
async function noteConflicts(rows: MessageCollection, duplicates: readonly IngestedMessage[], at: Date): Promise<void> {
  if (duplicates.length === 0) return
  const updates = duplicates.map(({ record }) => ({
    updateOne: {
      filter: {
        _id: record.id,
        erased: { $exists: false },
        bodyHash: { $ne: record.bodyHash },
        'conflicts.bodyHash': { $ne: record.bodyHash },
      },
      update: [
        {
          $set: {
            conflicts: {
              $slice: [
                { $concatArrays: [{ $ifNull: ['$conflicts', []] }, [{ bodyHash: { $literal: record.bodyHash }, at }]] },
                -20,
              ],
            },
          },
        },
        tell('message.conflict'),
      ],
    },
  }))
  await rows.bulkWrite(updates, { ordered: false })
}

function documentOf({ record, appendedAt, offset, wake }: IngestedMessage, now: Date): MessageDocument {
  const { v: _version, id, acceptedAt, sendAt, expiresAt, ...kept } = record
  const sendAtMs = sendAt === undefined ? 0 : Date.parse(sendAt)
  const scheduled = sendAtMs > now.getTime()
  const status = scheduled ? 'scheduled' : 'queued'
  return {
    ...kept,
    _id: id,
    open: 1,
    status,
    ...(record.campaign !== undefined && { campaignStatus: status }),
    acceptedAt: new Date(acceptedAt),
    appendedAt: new Date(scheduled ? Math.max(appendedAt, sendAtMs) : appendedAt),
    offset: mongo.Long.fromBigInt(offset),
    attemptsCount: 0,
    attempts: [],
    createdAt: now,
    ...(sendAt !== undefined && { sendAt: new Date(sendAt) }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    ...(scheduled ? { wakeAt: new Date(sendAtMs) } : wake && { wakeAt: now }),
    ...(record.feed && {
      outbox: [firstEntry(scheduled ? 'message.scheduled' : 'message.queued', now)],
      eventCount: 1,
    }),
  }
}
