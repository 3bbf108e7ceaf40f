import type { CampaignStatus } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'

/** What is sent to the recipients of a file, and what has become of the file. Its messages are in the ledger. */
export type Campaign = Readonly<{
  id: string
  user: string
  name: string
  status: CampaignStatus
  /** What holds for all its rows, as its user wrote it; JSON. */
  settings: string
  /** Of the user's wish and of his idempotency key: tells a repeated call from another one. */
  bodyHash: string
  /** Its newest rows; undefined: there never were any. */
  upload?: CampaignUpload
  parts: readonly CampaignPart[]
  reason?: Readonly<{ code: string; detail: string }>
  createdAt: Date
  startedAt?: Date
  pausedAt?: Date
  endedAt?: Date
}>

/** One file. Its rows and its faults are known by its id. */
export type CampaignUpload = Readonly<{
  id: string
  /** Rows of it, the faulty ones among them. */
  total: number
  faulty: number
  /** Rows that went because their recipient was erased. */
  erased?: number
  startedAt: Date
  /** Undefined: it is under way, or was cut off. */
  endedAt?: Date
}>

/** The rows of one instance: they are fed in order, beside those of the others. */
export type CampaignPart = Readonly<{
  instance: string
  /** The creation of it for which they were uploaded. */
  instanceId: string
  rows: number
  /** Rows that became messages. */
  fed: number
  /** Rows that could not become messages any more when their turn came. */
  refused: number
  /** Rows that were not there any more when all others had had their turn. */
  gone?: number
  /** Line of the last row that had its turn; 0: none has. */
  line: number
  /** Lines of the last rows that became messages, at most five: when one of them is in the ledger, all before them are. */
  tail: readonly number[]
}>

export type CampaignDocument = Omit<Campaign, 'id'> & {
  _id: string
  /** When its upload last gave a sign of life. */
  seenAt?: Date
  /** Uploads whose rows nobody needs any more. */
  garbage?: string[]
  /** When it is to be looked at by whoever feeds. */
  dueAt?: Date
  lease?: { by: string; until: Date }
  expireAt?: Date
}

export const CAMPAIGN_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'newest_first', key: { user: 1, createdAt: -1, _id: -1 } },
  { name: 'due', key: { dueAt: 1 }, partialFilterExpression: { dueAt: { $exists: true } } },
  { name: 'uploading', key: { seenAt: 1 }, partialFilterExpression: { seenAt: { $exists: true } } },
  { name: 'garbage', key: { garbage: 1 }, partialFilterExpression: { garbage: { $exists: true } } },
  {
    name: 'retention',
    key: { expireAt: 1 },
    expireAfterSeconds: 0,
    partialFilterExpression: { expireAt: { $exists: true } },
  },
]

/** A row that waits to become a message. */
export type CampaignRow = Readonly<{
  line: number
  instance: string
  /** What its file says of it, as the body of a message without its instance; JSON. */
  body: string
}>

/** `to`: to whom it goes, as its message will have it; the body has it as it was written. */
export type NewCampaignRow = CampaignRow & Readonly<{ to: string }>

/** `_id`: upload/instance/line, the line with seven digits: so the rows of an instance are read in order. */
export type CampaignRowDocument = { _id: string; body: string; to?: string }

export type CampaignFault = Readonly<{
  line: number
  code: string
  detail: string
  errors?: readonly Readonly<{ field: string; message: string }>[]
}>

/** `_id`: upload/line. */
export type CampaignFaultDocument = Omit<CampaignFault, 'line'> & { _id: string; expireAt: Date }

export const CAMPAIGN_FAULT_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'retention', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

export const CAMPAIGN_LINES_MAX = 9_999_999
const LINE_DIGITS = 7

export function padded(line: number): string {
  return String(line).padStart(LINE_DIGITS, '0')
}

/** What begins with `path/`: no id holds the character after the slash there. */
export function below(path: string): { $gt: string; $lt: string } {
  return { $gt: `${path}/`, $lt: `${path}0` }
}
