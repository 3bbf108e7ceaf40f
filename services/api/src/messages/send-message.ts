import { type MessageRecord, messageIdFor, newMessageId } from '@whatsapp-sender/contract'
import type { MessageRow } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import type { InstanceLookup } from '../instances/instance-lookup.ts'
import type { PublishOutcome } from '../kafka/group-commit-producer.ts'
import type { PublishMessage } from '../kafka/message-publisher.ts'
import { type AskedMessage, judgeMessage } from './judge-message.ts'
import { createRecentKeys } from './recent-keys.ts'
import type { RefuseNew } from './refuse-new.ts'

export type SendMessageCommand = AskedMessage & Readonly<{ idempotencyKey: string | undefined }>

export type SendMessageResult =
  /** In the log. `isReplay`: it was before this call; nothing was added. */
  | Readonly<{ kind: 'accepted'; id: string; isReplay: boolean }>
  /** Refused; certainly not in the log. */
  | Readonly<{ kind: 'instance-not-found' | 'idempotency-key-reused' | 'too-large' | 'overloaded' | 'unavailable' }>
  /** Over the channel of the instance. `detail` says why, for people. */
  | Readonly<{ kind: 'kind-not-supported'; detail: string }>
  /** It would have to be sent within a second, or never; or its recipient wants none. */
  | Readonly<{ kind: 'expires-too-soon' | 'suppressed' }>
  /** It may be in the log under this id. */
  | Readonly<{ kind: 'accept-unknown'; id: string }>

export type SendMessage = (command: SendMessageCommand) => Promise<SendMessageResult>

/** Never asks the database, except for messages with an idempotency key, and then not for longer than this. */
export const REPLAY_LOOKUP_MS = 300

export function createSendMessage(o: {
  instances: Pick<InstanceLookup, 'usable'>
  ledger: { findOwned(user: string, id: string): Promise<MessageRow | undefined> }
  refuseNew: RefuseNew
  publish: PublishMessage
  /** For users of whom it is not said. */
  eventFeedDefault: boolean
}): SendMessage {
  const recentKeys = createRecentKeys()
  const { eventFeedDefault } = o
  return async (command) => {
    const { principal, idempotencyKey } = command
    const instance = await o.instances.usable(command.instance, principal, 'send')
    const id = idempotencyKey === undefined ? newMessageId() : messageIdFor(principal.id, idempotencyKey)
    const judged = judgeMessage(command, instance, { id, eventFeedDefault })
    if (judged.kind !== 'fit') return judged
    const { record, encoded } = judged
    return idempotencyKey === undefined ? publishNew(record, encoded) : sendOnce(record, encoded)
  }

  async function publishNew(record: MessageRecord, encoded: Buffer): Promise<SendMessageResult> {
    return o.refuseNew(record) ?? resultOf(await o.publish(record, encoded), record.id)
  }

  async function sendOnce(record: MessageRecord, encoded: Buffer): Promise<SendMessageResult> {
    const claim = recentKeys.claim(record)
    const earlier = await earlierAnswer(record)
    const result = earlier ?? (claim === undefined ? REUSED : await publishNew(record, encoded))
    claim?.settle(mayStand(result))
    return result
  }

  /** Undefined also while the database is slow or down: the same id makes a second copy harmless. */
  async function earlierAnswer(record: MessageRecord): Promise<SendMessageResult | undefined> {
    const found = await inTime(o.ledger.findOwned(record.user, record.id), REPLAY_LOOKUP_MS)
    if (found.kind !== 'done' || found.value === undefined) return undefined
    return repeated(record, found.value.bodyHash)
  }
}

export const REUSED: SendMessageResult = { kind: 'idempotency-key-reused' }

/** What a message is answered with whose id is in the ledger already, for the body of that hash. */
export function repeated({ id, bodyHash }: MessageRecord, earlierHash: string): SendMessageResult {
  return earlierHash === bodyHash ? { kind: 'accepted', id, isReplay: true } : REUSED
}

export function resultOf(outcome: PublishOutcome, id: string): SendMessageResult {
  if (outcome === 'published') return { kind: 'accepted', id, isReplay: false }
  return outcome === 'unknown' ? { kind: 'accept-unknown', id } : { kind: outcome }
}

/** Its idempotency key may stand for it from now on. */
export function mayStand({ kind }: SendMessageResult): boolean {
  return kind === 'accepted' || kind === 'accept-unknown'
}
