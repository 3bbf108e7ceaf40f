import {
  bodyHashOf,
  encodeMessageRecord,
  type MessageRecord,
  messageIdFor,
  newMessageId,
  type OnAmbiguous,
  type PhoneNumber,
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
}>

export type SendMessageResult =
  /** In the log. `isReplay`: it was before this call; nothing was added. */
  | Readonly<{ kind: 'accepted'; id: string; isReplay: boolean }>
  /** Refused; certainly not in the log. */
  | Readonly<{ kind: 'instance-not-found' | 'idempotency-key-reused' | 'too-large' | 'overloaded' | 'unavailable' }>
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
    if (command.idempotencyKey === undefined) return resultOf(await o.publish(record, encoded), record.id)
    return sendOnce(record, encoded)
  }

  async function sendOnce(record: MessageRecord, encoded: Buffer): Promise<SendMessageResult> {
    const isClaimed = recentKeys.claim(record)
    const earlier = await earlierAnswer(record)
    const result = earlier ?? (isClaimed ? resultOf(await o.publish(record, encoded), record.id) : REUSED)
    // Nothing was accepted under this body: the key may still stand for another.
    if (isClaimed && result.kind !== 'accepted' && result.kind !== 'accept-unknown') recentKeys.release(record)
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
  const { principal, to, text, idempotencyKey, labels } = command
  const requested = {
    instance: instance.name,
    to,
    type: 'text',
    content: { text },
    onAmbiguous: command.onAmbiguous ?? principal.onAmbiguous,
    priority: 'normal',
  } as const
  return {
    v: RECORD_VERSION,
    id: idempotencyKey === undefined ? newMessageId() : messageIdFor(principal.id, idempotencyKey),
    user: principal.id,
    instanceId: instance.id,
    ...requested,
    bodyHash: bodyHashOf(requested),
    acceptedAt: new Date().toISOString(),
    ...(labels && { labels }),
    ...(feed && { feed }),
  }
}
