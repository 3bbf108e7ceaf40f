import { mongo } from 'mongoose'
import type { MessageCollection } from './message-document.ts'
import type { MessageRow } from './message-row.ts'

/** Does another message of the same lane have to go before this one? */
export async function hasRowAhead(
  rows: MessageCollection,
  { instance, to, appendedAt, offset }: Pick<MessageRow, 'instance' | 'to' | 'appendedAt' | 'offset'>,
): Promise<boolean> {
  const at = new Date(appendedAt)
  const ahead = await rows.findOne(
    {
      open: 1,
      instance,
      to,
      status: { $in: ['queued', 'sending'] },
      appendedAt: { $lte: at },
      $or: [{ appendedAt: { $lt: at } }, { offset: { $lt: mongo.Long.fromBigInt(offset) } }],
    },
    { projection: { _id: 1 }, sort: { appendedAt: 1, offset: 1 }, maxTimeMS: 1000 },
  )
  return ahead !== null
}
