import type { mongo } from 'mongoose'
import { ignoreDuplicateKeys } from '../duplicate-key.ts'
import {
  below,
  type CampaignFault,
  type CampaignFaultDocument,
  type CampaignRow,
  type CampaignRowDocument,
  type NewCampaignRow,
  padded,
} from './campaign-document.ts'

const DAY_MS = 86_400_000
const ASKED = { maxTimeMS: 5000 }

type Turn = Readonly<{ instance: string; line: number }>

export type CampaignRows = ReturnType<typeof createCampaignRows>

/**
 * Collections `campaign_rows` and `campaign_faults`: what a file holds, until it has become messages, and what was wrong
 * in it. Rows hold numbers, so each goes as soon as it has had its turn.
 */
export function createCampaignRows(db: mongo.Db, { retentionDays }: Readonly<{ retentionDays: number }>) {
  const rows = db.collection<CampaignRowDocument>('campaign_rows')
  const faults = db.collection<CampaignFaultDocument>('campaign_faults')
  return {
    /** Repeating it is safe. Throws when it is not certain that all are kept. */
    insert: async (upload: string, chunk: readonly NewCampaignRow[]): Promise<void> => {
      if (chunk.length === 0) return
      const documents = chunk.map(({ instance, line, body, to }) => ({
        _id: `${upload}/${instance}/${padded(line)}`,
        body,
        to,
      }))
      await rows.insertMany(documents, { ordered: false }).catch(ignoreDuplicateKeys)
    },
    insertFaults: async (upload: string, chunk: readonly CampaignFault[]): Promise<void> => {
      if (chunk.length === 0) return
      const expireAt = new Date(Date.now() + retentionDays * DAY_MS)
      const documents = chunk.map(({ line, ...fault }) => ({ ...fault, _id: `${upload}/${padded(line)}`, expireAt }))
      await faults.insertMany(documents, { ordered: false }).catch(ignoreDuplicateKeys)
    },
    /** In the order of the file. @param after line of the last one before */
    listFaults: async (
      upload: string,
      { after = 0, limit }: Readonly<{ after?: number | undefined; limit: number }>,
    ): Promise<Readonly<{ data: CampaignFault[]; next: number | undefined }>> => {
      const found = await faults
        .find({ _id: { ...below(upload), $gt: `${upload}/${padded(after)}` } }, ASKED)
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray()
      const data = found.slice(0, limit).map(({ _id, expireAt: _gone, ...fault }) => ({ line: lineOf(_id), ...fault }))
      return { data, next: found.length > limit ? data.at(-1)?.line : undefined }
    },
    /** The rows of an instance after the last one that had its turn, in their order. */
    next: async (upload: string, { instance, line }: Turn, limit: number): Promise<CampaignRow[]> => {
      const path = `${upload}/${instance}`
      const found = await rows
        .find({ _id: { ...below(path), $gt: `${path}/${padded(line)}` } }, ASKED)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
      return found.map(({ _id, body }) => ({ line: lineOf(_id), instance, body }))
    },
    /** They have had their turn, up to the last of them. */
    removeTo: async (upload: string, { instance, line }: Turn): Promise<void> => {
      const path = `${upload}/${instance}`
      await rows.deleteMany({ _id: { ...below(path), $lte: `${path}/${padded(line)}` } })
    },
    /**
     * Removes those to any of these numbers from the next so many rows of an upload, whose rows are read by the server
     * alone. `last`: after which row to go on; undefined: there are no more. Repeating it is safe.
     */
    eraseTo: async (
      upload: string,
      numbers: readonly string[],
      { after, limit }: Readonly<{ after: string; limit: number }>,
    ): Promise<Readonly<{ erased: number; last: string | undefined }>> => {
      const { $gt, $lt } = below(upload)
      const from = after === '' ? $gt : after
      const [end] = await rows
        .find({ _id: { $gt: from, $lt } }, { projection: { _id: 1 }, ...ASKED })
        .sort({ _id: 1 })
        .skip(limit - 1)
        .limit(1)
        .toArray()
      const stretch = end === undefined ? { $gt: from, $lt } : { $gt: from, $lte: end._id }
      const { deletedCount } = await rows.deleteMany({ _id: stretch, to: { $in: [...numbers] } })
      return { erased: deletedCount, last: end?._id }
    },
    /** Of an upload that nobody needs any more, so many at most. True when more may be left. */
    removeSome: async (upload: string, limit: number): Promise<boolean> => {
      const some = await rows
        .find({ _id: below(upload) }, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
      const last = some.at(-1)?._id
      if (last === undefined) return false
      await rows.deleteMany({ _id: { ...below(upload), $lte: last } })
      return some.length === limit
    },
  }
}

function lineOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('/') + 1))
}
