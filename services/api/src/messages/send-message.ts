import {
  bodyHashOf,
  encodeMessageRecord,
  type MessageRecord,
  messageIdFor,
  newMessageId,
  type OnAmbiguous,
  type PhoneNumber,
  type Priority,
  RECORD_BYTES_MAX,
  RECORD_VERSION,
} from '@whatsapp-sender/contract'
import type { Instance, MessageRow } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import type { FoundInstance } from '../instances/instance-lookup.ts'
import type { PublishOutcome } from '../kafka/group-commit-producer.ts'
import type { PublishMessage } from '../kafka/message-publisher.ts'
import type { Principal } from '../principal.ts'
import { createRecentKeys } from './recent-keys.ts'

export type SendMessageCommand = Readonly<{
  principal: Principal
  instance: string
  to: PhoneNumber
  text: string
  onAmbiguous: OnAmbiguous | undefined
  idempotencyKey: string | undefined
  labels?: NonNullable<MessageRecord['labels']>
}> &
  MessageOptions

/** What a message may say besides. Of `expiresAt` and `ttlSeconds` one at most. */
export type MessageOptions = Readonly<{
  /** In the past it means nothing. */
  sendAt?: Date | undefined
  expiresAt?: Date | undefined
  /** From the moment it may be sent. */
  ttlSeconds?: number | undefined
  priority?: Priority | undefined
  reference?: string | undefined
  metadata?: Readonly<Record<string, string>> | undefined
}>

export type SendMessageResult =
  /** In the log. `isReplay`: it was before this call; nothing was added. */
  | Readonly<{ kind: 'accepted'; id: string; isReplay: boolean }>
  /** Refused; certainly not in the log. */
  | Readonly<{ kind: 'instance-not-found' | 'idempotency-key-reused' | 'too-large' | 'overloaded' | 'unavailable' }>
  /** It would have to be sent within a second, or never. */
  | Readonly<{ kind: 'expires-too-soon' }>
  /** It may be in the log under this id. */
  | Readonly<{ kind: 'accept-unknown'; id: string }>

export type SendMessage = (command: SendMessageCommand) => Promise<SendMessageResult>

/** Never asks the database, except for a message with an idempotency key, and then not for longer than this. */
const REPLAY_LOOKUP_MS = 300

export function createSendMessage(o: {
  instances: { owned(name: string, owner: string): FoundInstance | Promise<FoundInstance> }
  ledger: { findOwned(user: string, id: string): Promise<MessageRow | undefined> }
  publish: PublishMessage
  /** For users of whom it is not said. */
  eventFeedDefault: boolean
}): SendMessage {
  const recentKeys = createRecentKeys()
  return async (command) => {
    const instance = await o.instances.owned(command.instance, command.principal.id)
    // It may have been made a moment ago, and a 404 would have the caller give up.
    if (instance === 'unknown') return { kind: 'unavailable' }
    // The same answer for a missing and a foreign one: nobody learns which instances others have.
    if (instance === 'missing') return { kind: 'instance-not-found' }
    const record = recordOf(command, instance, command.principal.eventFeed ?? o.eventFeedDefault)
    const encoded = encodeMessageRecord(record)
    if (encoded.length > RECORD_BYTES_MAX) return { kind: 'too-large' }
    if (command.idempotencyKey === undefined) return publishNew(record, encoded)
    return sendOnce(record, encoded)
  }

  async function publishNew(record: MessageRecord, encoded: Buffer): Promise<SendMessageResult> {
    if (expiresTooSoon(record)) return { kind: 'expires-too-soon' }
    return resultOf(await o.publish(record, encoded), record.id)
  }

  async function sendOnce(record: MessageRecord, encoded: Buffer): Promise<SendMessageResult> {
    const claim = recentKeys.claim(record)
    const earlier = await earlierAnswer(record)
    const result = earlier ?? (claim === undefined ? REUSED : await publishNew(record, encoded))
    claim?.settle(result.kind === 'accepted' || result.kind === 'accept-unknown')
    return result
  }

  /** Undefined also while the database is slow or down: the same id makes a second copy harmless. */
  async function earlierAnswer(record: MessageRecord): Promise<SendMessageResult | undefined> {
    const found = await inTime(o.ledger.findOwned(record.user, record.id), REPLAY_LOOKUP_MS)
    if (found.kind !== 'done' || found.value === undefined) return undefined
    const isSame = found.value.bodyHash === record.bodyHash
    return isSame ? { kind: 'accepted', id: record.id, isReplay: true } : REUSED
  }
}

const REUSED: SendMessageResult = { kind: 'idempotency-key-reused' }

function resultOf(outcome: PublishOutcome, id: string): SendMessageResult {
  if (outcome === 'published') return { kind: 'accepted', id, isReplay: false }
  return outcome === 'unknown' ? { kind: 'accept-unknown', id } : { kind: outcome }
}

function recordOf(command: SendMessageCommand, instance: Instance, feed: boolean): MessageRecord {
  const { principal, idempotencyKey, labels, ttlSeconds } = command
  const acceptedAt = Date.now()
  const requested = requestOf(command, instance.name, acceptedAt)
  return {
    v: RECORD_VERSION,
    id: idempotencyKey === undefined ? newMessageId() : messageIdFor(principal.id, idempotencyKey),
    user: principal.id,
    instanceId: instance.id,
    ...requested,
    bodyHash: bodyHashOf(ttlSeconds === undefined ? requested : { ...requested, ttlSeconds }),
    acceptedAt: new Date(acceptedAt).toISOString(),
    ...(labels && { labels }),
    ...(feed && { feed }),
  }
}

/** What the caller asks for, with what he left out. */
function requestOf(command: SendMessageCommand, instance: string, acceptedAt: number) {
  const { to, text, sendAt, ttlSeconds, reference, metadata } = command
  const expiresAt =
    ttlSeconds === undefined
      ? command.expiresAt
      : new Date(Math.max(acceptedAt, sendAt?.getTime() ?? 0) + ttlSeconds * 1000)
  return {
    instance,
    to,
    type: 'text',
    content: { text },
    onAmbiguous: command.onAmbiguous ?? command.principal.onAmbiguous,
    priority: command.priority ?? 'normal',
    ...(sendAt && { sendAt: sendAt.toISOString() }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...(reference !== undefined && { reference }),
    ...(metadata && { metadata }),
  } as const
}

const VALID_MS_MIN = 1000

/** Seen from its acceptance: what the look-up of its key took since must not make a valid second too short. */
function expiresTooSoon({ acceptedAt, sendAt, expiresAt }: MessageRecord): boolean {
  if (expiresAt === undefined) return false
  const mayLeaveAt = Math.max(Date.parse(acceptedAt), sendAt === undefined ? 0 : Date.parse(sendAt))
  return Date.parse(expiresAt) - mayLeaveAt < VALID_MS_MIN
}
