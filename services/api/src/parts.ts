import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { EvolutionServerDirectory, InstanceDirectory, Store, SuppressionBook } from '@whatsapp-sender/store'
import type { Access } from './access.ts'
import type { OpenUploads } from './campaigns/open-uploads.ts'
import type { Config } from './config.ts'
import type { Events } from './events.ts'
import type { Audit } from './http/audit.ts'
import type { LineStreams } from './http/line-streams.ts'
import type { Once } from './http/once.ts'
import type { OpenStreams } from './http/open-streams.ts'
import type { Transfers } from './http/transfers.ts'
import type { GroupCommitProducer } from './kafka/group-commit-producer.ts'
import type { GroupLag } from './kafka/group-lag.ts'
import type { Mailer } from './mail/smtp-mailer.ts'
import type { MessageTraces } from './message-traces.ts'
import type { StepWorker } from './step-worker.ts'
import type { JudgePassword } from './users/password-policy.ts'
import type { Passwords } from './users/passwords.ts'

/** How often one address or account may try, per minute and process. */
export type Limits = Readonly<{
  signUpsPerAddress: number
  loginsPerAddress: number
  /** From one address. */
  loginsPerAccountAndAddress: number
  loginsPerAccount: number
  /** Of one user who has logged in. */
  passwordChangesPerUser: number
  passwordResetsPerAddress: number
}>

/** Of this process. */
export type StreamLimits = Readonly<{
  perUserMax: number
  allMax: number
  heartbeatMs: number
  /** A client who takes nothing for so long is cut. */
  stallMs: number
}>

/** What routes are made of; each object is there once. */
export type Parts = Readonly<{
  config: Config
  version: string
  limits: Limits
  events: Events
  store: Store
  directory: InstanceDirectory
  suppressions: SuppressionBook
  evolution: EvolutionServers
  evolutionServers: EvolutionServerDirectory
  access: Access
  audit: Audit
  once: Once
  passwords: Passwords
  /** Undefined: no mail is sent from here. */
  mailer: Pick<Mailer, 'post'> | undefined
  judgePassword: JudgePassword
  messages: GroupCommitProducer
  /** Undefined: nothing is traced. */
  traces: MessageTraces | undefined
  evolutionEvents: GroupCommitProducer
  /** Of server-sent events. */
  streams: OpenStreams
  streamLimits: StreamLimits
  transfers: Transfers
  lineStreams: LineStreams
  readGroupLags(): Promise<GroupLag[]>
  erasureWorker: Pick<StepWorker, 'look'>
  /** Of bulk operations. */
  bulkWorker: Pick<StepWorker, 'look'>
  /** Of campaigns' rows. */
  uploads: OpenUploads
}>
