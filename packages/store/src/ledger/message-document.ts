import type { MessageRecord, MessageStatus } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import type { MessageRow } from './message-row.ts'
import type { OutboxEntry } from './outbox.ts'

/**
 * A row as MongoDB holds it. `open: 1` as long as the owner has work with it. `claim` names the last claim and stays
 * until the next one, so an answer that comes late still finds its row. `offset` is a 64-bit integer.
 */
export type MessageDocument = Omit<MessageRow, 'id' | 'appendedAt' | 'offset'> & {
  _id: string
  open?: 1
  attention?: 1
  appendedAt: Date
  offset: mongo.Long
  createdAt: Date
  /** What its campaign counts it as: its status, but `queued` while it is being sent. Only rows of campaigns have it. */
  campaignStatus?: CampaignCounted
  wakeAt?: Date
  /** The last mark that opened it: until then it could not go. */
  wokenAt?: Date
  claim?: string
  by?: string
  /** An attempt may have sent it, and nothing has shown since that it did. */
  mayHaveLeft?: true
  /** Every id that WhatsApp knows an attempt of this message by. */
  providerIds?: string[]
  /** When Evolution is to be asked for the receipt that is missing. */
  askAt?: Date
  /** How often it was. */
  asked?: number
  expireAt?: Date
  /** What has happened and is not copied to the events yet; the last entry's `n` is `eventCount`. Only with `feed`. */
  outbox?: OutboxEntry[]
  eventCount?: number
}

/** Without `sending`: a claim writes nothing that an index holds. */
export type CampaignCounted = Exclude<MessageStatus, 'sending'>

export type MessageCollection = mongo.Collection<MessageDocument>

/** What the owner of an instance needs of a row. */
export type LaneRow = Readonly<
  Pick<
    MessageRow,
    'id' | 'user' | 'instance' | 'instanceId' | 'to' | 'type' | 'content' | 'onAmbiguous' | 'priority' | 'attemptsCount'
  > & {
    appendedAt: number
    offset: bigint
    /** The last mark that opened it: its schedule, a replay, a campaign that went on; ms. */
    wokenAt?: number | undefined
    status: MessageRow['status']
    nextAttemptAt: number | undefined
    expiresAt: number | undefined
    claim: string | undefined
    by: string | undefined
    claimedAt: number | undefined
    /** Of the span that accepted it, if it is traced. */
    traceparent?: string | undefined
  }
>

export const LANE_PROJECTION = {
  user: 1,
  instance: 1,
  instanceId: 1,
  to: 1,
  type: 1,
  content: 1,
  onAmbiguous: 1,
  priority: 1,
  attemptsCount: 1,
  appendedAt: 1,
  offset: 1,
  wokenAt: 1,
  status: 1,
  nextAttemptAt: 1,
  expiresAt: 1,
  claim: 1,
  by: 1,
  claimedAt: 1,
  traceparent: 1,
} as const

export type LaneDocument = Pick<MessageDocument, '_id' | keyof typeof LANE_PROJECTION>

export function laneRowOf(doc: LaneDocument): LaneRow {
  return {
    id: doc._id,
    user: doc.user,
    instance: doc.instance,
    instanceId: doc.instanceId,
    to: doc.to,
    type: doc.type,
    content: doc.content,
    onAmbiguous: doc.onAmbiguous,
    priority: doc.priority,
    attemptsCount: doc.attemptsCount,
    appendedAt: doc.appendedAt.getTime(),
    offset: BigInt(doc.offset.toString()),
    wokenAt: doc.wokenAt?.getTime(),
    status: doc.status,
    nextAttemptAt: doc.nextAttemptAt?.getTime(),
    expiresAt: doc.expiresAt?.getTime(),
    claim: doc.claim,
    by: doc.by,
    claimedAt: doc.claimedAt?.getTime(),
    traceparent: doc.traceparent,
  }
}

export function messageRowOf(doc: MessageDocument): MessageRow {
  const {
    _id,
    appendedAt,
    offset,
    open,
    attention,
    campaignStatus,
    wakeAt,
    wokenAt,
    claim,
    by,
    mayHaveLeft,
    providerIds,
    askAt,
    asked,
    expireAt,
    feed,
    outbox,
    eventCount,
    ...shown
  } = doc
  return {
    ...shown,
    id: _id,
    appendedAt: appendedAt.getTime(),
    offset: BigInt(offset.toString()),
  }
}

/** A decoded record together with its place in the topic. `wake`: its owner is another process, which has to be told. */
export type IngestedMessage = Readonly<{
  record: MessageRecord
  /** ms since the epoch. */
  appendedAt: number
  offset: bigint
  wake: boolean
}>
