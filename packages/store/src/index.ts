export type { ApiKey, ApiKeys, NewApiKey } from './api-keys.ts'
export type { AuditEntry, AuditLog } from './audit.ts'
export {
  BULK_OPERATIONS_MAX,
  type BulkChange,
  type BulkOperation,
  type BulkOperations,
  type BulkOrder,
  type HeldBulkOperation,
} from './bulk-operations.ts'
export type {
  Campaign,
  CampaignFault,
  CampaignPart,
  CampaignRow,
} from './campaigns/campaign-document.ts'
export { CAMPAIGN_LINES_MAX, type NewCampaignRow } from './campaigns/campaign-document.ts'
export type { CampaignRows } from './campaigns/campaign-rows.ts'
export type { Campaigns, MovedCampaign } from './campaigns/campaigns.ts'
export type { Contact, ContactSend, Contacts } from './contacts.ts'
export type { EventDraft, SequencedEvent } from './events/event-document.ts'
export { type Events, WEBHOOK_READER } from './events/events.ts'
export { createEvolutionServerDirectory, type EvolutionServerDirectory } from './evolution-server-directory.ts'
export {
  EVOLUTION_SERVERS_MAX,
  type EvolutionServerList,
  type EvolutionServersStore,
} from './evolution-servers.ts'
export type { BeginResult, IdempotentAnswers, RepeatableRequest } from './idempotent-answers.ts'
export * from './instance-directory.ts'
export { accessOf, INSTANCE_SHARES_MAX, mayUse } from './instance-shares.ts'
export {
  type Instance,
  type InstanceSettings,
  type Instances,
  type NewInstance,
  TOKEN_UNREADABLE,
} from './instances.ts'
export { KEPT_DAYS } from './kept-days.ts'
export type { Receipt } from './ledger/apply-receipts.ts'
export type { CancelledMessage } from './ledger/cancel-message.ts'
export type { HeldClaim } from './ledger/claim-messages.ts'
export type { WaitingMessages } from './ledger/count-waiting.ts'
export type { DueWork, ExpiredMessage } from './ledger/due-work.ts'
export type { InsertResult } from './ledger/insert-messages.ts'
export type { Ledger } from './ledger/ledger.ts'
export type { DeadLetterFilter } from './ledger/list-dead-letters.ts'
export type { ListedMessage } from './ledger/list-messages.ts'
export type { ListPlace } from './ledger/list-place.ts'
export type { OrderKey } from './ledger/load-messages.ts'
export type * from './ledger/message-document.ts'
export type * from './ledger/message-row.ts'
export type { Outcome } from './ledger/record-outcomes.ts'
export type { Swept } from './ledger/replay-messages.ts'
export type { Reschedule, RescheduleResult } from './ledger/reschedule-message.ts'
export type { OverdueReceipt } from './ledger/stuck-messages.ts'
export type { ActionResult, MessageOf } from './ledger/user-action.ts'
export type { WaitingMessage, WaitingRow } from './ledger/waiting-messages.ts'
export type { MediaFile, MediaFiles } from './media/media-files.ts'
export { type OlderUserRow, readOlderUsers } from './older-users.ts'
export { openStore, type Store, type StoreOptions } from './open-store.ts'
export type { CountedSends, PaceAccount, PaceAccounts, PaceRest } from './pace-accounts.ts'
export type { PendingReceipt, PendingReceipts, SentEvidence } from './pending-receipts.ts'
export { type HeldErasure, type PersonErasure, type PersonErasures, personForm } from './persons/person-erasures.ts'
export type { PersonRecord, PersonScope } from './persons/person-records.ts'
export type { LivingProcess, Processes, ProcessFacts, RecentCounts } from './processes.ts'
export type { RefreshTokens, Session } from './refresh-tokens.ts'
export { isStoreError } from './store-error.ts'
export { createSuppressionBook, type SuppressionBook } from './suppression-book.ts'
export type { OptOut, Suppression, Suppressions } from './suppressions.ts'
export type {
  KeptUndecodable,
  Undecodable,
  UndecodableEntry,
  UndecodableRecord,
} from './undecodable.ts'
export type { Usage, UsageBook, UsageCounts } from './usage.ts'
export type { NewUser, OlderUser, Profile, User } from './users.ts'
export type { AttemptEnd, WebhookDeliveries } from './webhooks/webhook-deliveries.ts'
export type { DisabledReason, WebhookAttempt, WebhookDelivery, WebhookEndpoint } from './webhooks/webhook-document.ts'
export type {
  ClaimedEndpoint,
  NewWebhookEndpoint,
  WebhookEndpoints,
} from './webhooks/webhook-endpoints.ts'
