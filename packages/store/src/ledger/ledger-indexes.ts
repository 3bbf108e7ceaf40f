import type { mongo } from 'mongoose'

export const OPEN_BY_PRIORITY = 'open_by_priority_then_lane'
export const OPEN_LANE = 'open_lane'
export const CAMPAIGN_COUNTS = 'campaign_counts'
export const DEAD_LETTERS = 'dead_letters'

/** The index that leads a list of messages, by the filter that it answers. */
export const MESSAGES_BY = {
  time: 'user_newest',
  instance: 'user_instance_newest',
  to: 'user_recipient_newest',
  reference: 'user_reference_newest',
  batch: 'user_batch_newest',
  campaign: 'user_campaign_newest',
  attention: 'dead_letters_of_user',
} as const

/**
 * Every index of the ledger and the query it is for. None holds anything that a claim writes, `status` above all: else
 * MongoDB works out the keys of all of them at every claim. The partial ones hold only rows that the query can want.
 */
export const LEDGER_INDEXES: readonly mongo.IndexDescription[] = [
  // Load and refill of an instance in order, all of it or one priority, and which instances have work. `to`: a lane that
  // is longer than memory is passed over without reading its rows.
  {
    name: OPEN_BY_PRIORITY,
    key: { open: 1, instance: 1, priority: 1, appendedAt: 1, offset: 1, to: 1 },
    partialFilterExpression: { open: 1 },
  },
  // One lane in order.
  {
    name: OPEN_LANE,
    key: { open: 1, instance: 1, to: 1, appendedAt: 1, offset: 1 },
    partialFilterExpression: { open: 1 },
  },
  // What the owner has to look at by now, in the order in which it is opened.
  {
    name: 'wake_in_order',
    key: { wakeAt: 1, instance: 1, offset: 1 },
    partialFilterExpression: { wakeAt: { $exists: true } },
  },
  // What waits and has run out of time.
  {
    name: 'expiry',
    key: { expiresAt: 1 },
    partialFilterExpression: { open: 1, expiresAt: { $exists: true } },
  },
  // A receipt finds its row.
  {
    name: 'provider_ids',
    key: { providerIds: 1 },
    partialFilterExpression: { providerIds: { $exists: true } },
  },
  // Of what was sent, which receipts are overdue.
  {
    name: 'ask',
    key: { askAt: 1 },
    partialFilterExpression: { askAt: { $exists: true } },
  },
  // What is to be told and is not among the events yet.
  {
    name: 'outbox',
    key: { 'outbox.at': 1 },
    partialFilterExpression: { outbox: { $exists: true } },
  },
  // Dead letters, newest first: a user's, and everybody's.
  {
    name: MESSAGES_BY.attention,
    key: { user: 1, createdAt: -1, _id: -1 },
    partialFilterExpression: { attention: 1 },
  },
  { name: DEAD_LETTERS, key: { createdAt: -1, _id: -1 }, partialFilterExpression: { attention: 1 } },
  // What was given up lately, when Evolution tells of a message after all.
  {
    name: 'given_up',
    key: { instanceId: 1, failedAt: 1 },
    partialFilterExpression: { attention: 1 },
  },
  // A user's messages, newest first: all, of an instance, to a recipient, of a reference. Nothing in them ever changes, so
  // they are written once, when the row is.
  { name: MESSAGES_BY.time, key: { user: 1, createdAt: -1, _id: -1 } },
  { name: MESSAGES_BY.instance, key: { user: 1, instance: 1, createdAt: -1, _id: -1 } },
  { name: MESSAGES_BY.to, key: { user: 1, to: 1, createdAt: -1, _id: -1 } },
  {
    name: MESSAGES_BY.reference,
    key: { user: 1, reference: 1, createdAt: -1, _id: -1 },
    partialFilterExpression: { reference: { $exists: true } },
  },
  {
    name: MESSAGES_BY.batch,
    key: { user: 1, batch: 1, createdAt: -1, _id: -1 },
    partialFilterExpression: { batch: { $exists: true } },
  },
  {
    name: MESSAGES_BY.campaign,
    key: { user: 1, campaign: 1, createdAt: -1, _id: -1 },
    partialFilterExpression: { campaign: { $exists: true } },
  },
  // How far a campaign is, and what of it is open.
  {
    name: CAMPAIGN_COUNTS,
    key: { campaign: 1, campaignStatus: 1, instance: 1 },
    partialFilterExpression: { campaign: { $exists: true } },
  },
  // Partial, or each insert would write a key that says nothing and each end would delete it.
  {
    name: 'retention_of_ended',
    key: { expireAt: 1 },
    expireAfterSeconds: 0,
    partialFilterExpression: { expireAt: { $exists: true } },
  },
]

/** Of earlier versions: nothing reads by them, and every write would pay for them. */
export const LEDGER_INDEXES_RETIRED: readonly string[] = ['user_created', 'retention', 'campaign_status']
