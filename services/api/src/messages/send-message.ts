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
import type { PublishMessage } from '../kafka/message-publisher.ts'
import type { Principal } from '../principal.ts'

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
  instances: {
    /** Once all instances have been read, one that is not among them is taken as missing. */
    isLoaded(): boolean
    owned(name: string, owner: string): FoundInstance | Promise<FoundInstance>
  }
  ledger: { findOwned(user: string, id: string): Promise<MessageRow | undefined> }
  publish: PublishMessage
}): SendMessage {
  return async (command) => {
    const { principal, idempotencyKey } = command
    const found = o.instances.owned(command.instance, principal.id)
    // Known at once but for the first moments of an instance: no turn of the loop is spent on it.
    const instance = found instanceof Promise ? await found : found
    if (instance === 'unknown' && !o.instances.isLoaded()) return { kind: 'unavailable' }
    if (instance === 'unknown' || instance === 'missing') return { kind: 'instance-not-found' }
    const record = recordOf(command, instance)
    const encoded = encodeMessageRecord(record)
    if (encoded.length > RECORD_BYTES_MAX) return { kind: 'too-large' }
    if (idempotencyKey !== undefined) {
      const earlier = await inTime(o.ledger.findOwned(principal.id, record.id), REPLAY_LOOKUP_MS)
      // Not there, or the database slow or down: accepted, for the same id makes a second copy harmless.
      if (earlier.kind === 'done' && earlier.value) return answerAgain(earlier.value, record)
    }
    const outcome = await o.publish(record, encoded)
    if (outcome === 'published') return { kind: 'accepted', id: record.id, isReplay: false }
    return outcome === 'unknown' ? { kind: 'accept-unknown', id: record.id } : { kind: outcome }
  }
}

function recordOf(command: SendMessageCommand, instance: Instance): MessageRecord {
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
  }
}

function answerAgain(earlier: MessageRow, record: MessageRecord): SendMessageResult {
  if (earlier.bodyHash !== record.bodyHash) return { kind: 'idempotency-key-reused' }
  return { kind: 'accepted', id: record.id, isReplay: true }
}
