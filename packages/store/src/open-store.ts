import type { mongo } from 'mongoose'
import { API_KEY_INDEXES, type ApiKeys, createApiKeys } from './api-keys.ts'
import { AUDIT_INDEXES, type AuditLog, createAuditLog } from './audit.ts'
import { BULK_OPERATION_INDEXES, type BulkOperations, createBulkOperations } from './bulk-operations.ts'
import { CAMPAIGN_FAULT_INDEXES, CAMPAIGN_INDEXES } from './campaigns/campaign-document.ts'
import { type CampaignRows, createCampaignRows } from './campaigns/campaign-rows.ts'
import { type Campaigns, createCampaigns } from './campaigns/campaigns.ts'
import { type ConnectionOptions, connect } from './connection.ts'
import { CONTACT_INDEXES, type Contacts, createContacts } from './contacts.ts'
import { dropIndexes } from './drop-indexes.ts'
import { EVENT_INDEXES } from './events/event-document.ts'
import { createEvents, type Events } from './events/events.ts'
import { createEvolutionServersStore, type EvolutionServersStore } from './evolution-servers.ts'
import { createIdempotentAnswers, IDEMPOTENT_ANSWER_INDEXES, type IdempotentAnswers } from './idempotent-answers.ts'
import { createInstances, type Instances } from './instances.ts'
import type { CancelWatch } from './ledger/cancel-message.ts'
import { createLedger, type Ledger } from './ledger/ledger.ts'
import { LEDGER_INDEXES, LEDGER_INDEXES_RETIRED } from './ledger/ledger-indexes.ts'
import { CHUNK_INDEXES } from './media/grid-fs.ts'
import { createMediaFiles, MEDIA_INDEXES, type MediaFiles } from './media/media-files.ts'
import { createPaceAccounts, type PaceAccounts } from './pace-accounts.ts'
import { createPasswordResets, PASSWORD_RESET_INDEXES, type PasswordResets } from './password-resets.ts'
import { createPendingReceipts, PENDING_RECEIPT_INDEXES, type PendingReceipts } from './pending-receipts.ts'
import { type ErasureStep, eraseStep } from './persons/erase-person.ts'
import {
  createPersonErasures,
  type HeldErasure,
  PERSON_ERASURE_INDEXES,
  type PersonErasures,
} from './persons/person-erasures.ts'
import { type PersonRecord, type PersonScope, readPerson } from './persons/person-records.ts'
import type { PoolState } from './pool-watch.ts'
import { createProcesses, PROCESS_INDEXES, type Processes } from './processes.ts'
import { createRefreshTokens, REFRESH_TOKEN_INDEXES, type RefreshTokens } from './refresh-tokens.ts'
import { createReseal, type Resealed } from './reseal.ts'
import { createSealing } from './sealing.ts'
import { createSuppressions, SUPPRESSION_INDEXES, type Suppressions } from './suppressions.ts'
import { createUndecodable, UNDECODABLE_INDEXES, type Undecodable } from './undecodable.ts'
import { createUsageBook, USAGE_INDEXES, type UsageBook } from './usage.ts'
import { createUsers, type Users } from './users.ts'
import { createWebhookDeliveries, type WebhookDeliveries } from './webhooks/webhook-deliveries.ts'
import { WEBHOOK_DELIVERY_INDEXES, WEBHOOK_ENDPOINT_INDEXES } from './webhooks/webhook-document.ts'
import { createWebhookEndpoints, type WebhookEndpoints } from './webhooks/webhook-endpoints.ts'

export type Store = Readonly<{
  /** The driver underneath. */
  db: mongo.Db
  users: Users
  refreshTokens: RefreshTokens
  apiKeys: ApiKeys
  passwordResets: PasswordResets
  audit: AuditLog
  campaigns: Campaigns
  campaignRows: CampaignRows
  idempotentAnswers: IdempotentAnswers
  instances: Instances
  evolutionServers: EvolutionServersStore
  ledger: Ledger
  events: Events
  processes: Processes
  paceAccounts: PaceAccounts
  contacts: Contacts
  pendingReceipts: PendingReceipts
  undecodable: Undecodable
  suppressions: Suppressions
  media: MediaFiles
  /** What is kept of the holder of a number, wherever it is. */
  persons: Readonly<{
    read(scope: PersonScope): AsyncGenerator<PersonRecord>
    eraseStep(erasure: HeldErasure): Promise<ErasureStep>
  }>
  personErasures: PersonErasures
  bulkOperations: BulkOperations
  usage: UsageBook
  webhookEndpoints: WebhookEndpoints
  webhookDeliveries: WebhookDeliveries
  /** Seals anew, with `secretKey`, what one of the `otherSecretKeys` has sealed. */
  reseal(): Promise<Resealed>
  /** What the driver's monitoring says, without asking. */
  isReachable(): boolean
  /** Its connections, now. */
  connections(): PoolState
  /** Asks; false after at most 5 s. */
  ping(): Promise<boolean>
  /** Drops what earlier versions had and nothing needs, then creates what is missing. Needs MongoDB. */
  ensureIndexes(): Promise<void>
  close(): Promise<void>
}>

export type StoreOptions = ConnectionOptions &
  Readonly<{
    /** Seals what is secret at rest; at least 32 bytes. */
    secretKey: string
    /** Open what was sealed with them, and seal nothing. */
    otherSecretKeys?: readonly string[] | undefined
    /** How long ended messages and undecodable records are kept. Default 30. */
    retentionDays?: number | undefined
    /** How long it is kept who did what. Default 365. */
    auditRetentionDays?: number | undefined
    /** How long after it was sent a message without a receipt counts as stuck. Default ten minutes. */
    stuckAfterMs?: number | undefined
    /** Hears of what is cancelled. */
    cancelWatch?: CancelWatch | undefined
  }>

/** Returns also when MongoDB is down: operations then fail within 5 s, until it is up. */
export async function openStore({
  secretKey,
  otherSecretKeys = [],
  retentionDays = 30,
  auditRetentionDays = 365,
  stuckAfterMs = 600_000,
  cancelWatch,
  ...options
}: StoreOptions): Promise<Store> {
  const { models, db, isReachable, connections, ping, close } = await connect(options)
  const sealing = createSealing([secretKey, ...otherSecretKeys])
  const instances = createInstances(models, db, sealing)
  const webhookEndpoints = createWebhookEndpoints(db, sealing)
  const refreshTokens = createRefreshTokens(db)
  const ledger = createLedger(db, { retentionDays, stuckAfterMs, watch: cancelWatch })
  const events = createEvents(db)
  const contacts = createContacts(db)
  const suppressions = createSuppressions(db, { sendersOf: instances.sendersOf })
  const webhookDeliveries = createWebhookDeliveries(db)
  const campaigns = createCampaigns(db, { retentionDays })
  const campaignRows = createCampaignRows(db, { retentionDays })
  const places = {
    campaigns,
    campaignRows,
    ledger,
    events,
    contacts,
    suppressions,
    instances,
    webhookEndpoints,
    webhookDeliveries,
  }
  const users = createUsers(models, {
    onAccess: async (user, { active, revoke }) => {
      await instances.setUserActive(user, active)
      await webhookEndpoints.setOwnerActive(user, active)
      if (revoke) await refreshTokens.revokeAllOf(user)
    },
  })
  return {
    db,
    users,
    refreshTokens,
    apiKeys: createApiKeys(db),
    passwordResets: createPasswordResets(db),
    audit: createAuditLog(db, { retentionDays: auditRetentionDays }),
    campaigns,
    campaignRows,
    idempotentAnswers: createIdempotentAnswers(db, sealing),
    instances,
    evolutionServers: createEvolutionServersStore(db, sealing),
    ledger,
    events,
    processes: createProcesses(db),
    paceAccounts: createPaceAccounts(db),
    contacts,
    pendingReceipts: createPendingReceipts(db, { providerIdsKnown: ledger.providerIdsKnown }),
    undecodable: createUndecodable(db, { retentionDays }),
    media: createMediaFiles(db),
    suppressions,
    persons: { read: (scope) => readPerson(places, scope), eraseStep: (erasure) => eraseStep(places, erasure) },
    personErasures: createPersonErasures(db, sealing),
    bulkOperations: createBulkOperations(db, sealing),
    usage: createUsageBook(db),
    webhookEndpoints,
    webhookDeliveries,
    reseal: createReseal(db, sealing),
    isReachable,
    connections,
    ping,
    ensureIndexes: async () => {
      await dropIndexes(db.collection('messages'), LEDGER_INDEXES_RETIRED)
      await Promise.all([
        users.createIndexes(),
        instances.createIndexes(),
        ...DRIVER_INDEXES.map(([collection, indexes]) => db.collection(collection).createIndexes([...indexes])),
      ])
    },
    close,
  }
}

const DRIVER_INDEXES: readonly (readonly [string, readonly mongo.IndexDescription[]])[] = [
  ['messages', LEDGER_INDEXES],
  ['events', EVENT_INDEXES],
  ['processes', PROCESS_INDEXES],
  ['contacts', CONTACT_INDEXES],
  ['pending_receipts', PENDING_RECEIPT_INDEXES],
  ['refresh_tokens', REFRESH_TOKEN_INDEXES],
  ['api_keys', API_KEY_INDEXES],
  ['audit', AUDIT_INDEXES],
  ['campaigns', CAMPAIGN_INDEXES],
  ['campaign_faults', CAMPAIGN_FAULT_INDEXES],
  ['password_resets', PASSWORD_RESET_INDEXES],
  ['idempotent_answers', IDEMPOTENT_ANSWER_INDEXES],
  ['undecodable', UNDECODABLE_INDEXES],
  ['suppressions', SUPPRESSION_INDEXES],
  ['media', MEDIA_INDEXES],
  ['media.chunks', CHUNK_INDEXES],
  ['usage', USAGE_INDEXES],
  ['person_erasures', PERSON_ERASURE_INDEXES],
  ['bulk_operations', BULK_OPERATION_INDEXES],
  ['webhook_endpoints', WEBHOOK_ENDPOINT_INDEXES],
  ['webhook_deliveries', WEBHOOK_DELIVERY_INDEXES],
]
