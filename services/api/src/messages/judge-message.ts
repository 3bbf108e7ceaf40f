import {
  bodyHashOf,
  type Content,
  encodeMessageRecord,
  type MessageRecord,
  type MessageType,
  type OnAmbiguous,
  type Priority,
  RECORD_BYTES_MAX,
  type Recipient,
  type RequestedMessage,
  recordVersionOf,
  whyNotReachable,
  whyNotSendable,
} from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import type { FoundInstance } from '../instances/instance-lookup.ts'
import type { Principal } from '../principal.ts'

/** A message as its caller wants it sent. */
export type AskedMessage = Readonly<{
  principal: Principal
  instance: string
  to: Recipient
  type: MessageType
  content: Content
  onAmbiguous: OnAmbiguous | undefined
  labels?: NonNullable<MessageRecord['labels']>
}> &
  MessageOptions

/** What a message may say besides. Of `expiresAt` and `ttlSeconds` one at most. */
type MessageOptions = Readonly<{
  /** In the past it means nothing. */
  sendAt?: Date | undefined
  expiresAt?: Date | undefined
  /** From the moment it may be sent. */
  ttlSeconds?: number | undefined
  priority?: Priority | undefined
  reference?: string | undefined
  metadata?: Readonly<Record<string, string>> | undefined
}>

export type JudgedMessage =
  | Readonly<{ kind: 'fit'; record: MessageRecord; encoded: Buffer }>
  | Readonly<{ kind: 'instance-not-found' | 'unavailable' | 'too-large' }>
  | Readonly<{ kind: 'kind-not-supported'; detail: string }>

type How = Readonly<{ id: string; batch?: string; campaign?: string; eventFeedDefault: boolean }>

/** All that can be said of a message, new or repeated, without asking anybody. */
export function judgeMessage(asked: AskedMessage, found: FoundInstance, how: How): JudgedMessage {
  // It may have been made a moment ago, and a 404 would have the caller give up.
  if (found === 'unknown') return { kind: 'unavailable' }
  // The same answer for a missing and a foreign one: nobody learns which instances others have.
  if (found === 'missing') return { kind: 'instance-not-found' }
  const hindrance = whyNotSendable(found.channel, asked.type) ?? whyNotReachable(found.channel, asked.to)
  if (hindrance !== undefined) return { kind: 'kind-not-supported', detail: hindrance }
  const record = recordOf(asked, found, how)
  const encoded = encodeMessageRecord(record)
  return encoded.length > RECORD_BYTES_MAX ? { kind: 'too-large' } : { kind: 'fit', record, encoded }
}

function recordOf(
  asked: AskedMessage,
  instance: Instance,
  { id, batch, campaign, eventFeedDefault }: How,
): MessageRecord {
  const { principal, labels, ttlSeconds } = asked
  const acceptedAt = Date.now()
  const requested = requestOf(asked, instance.name, acceptedAt)
  return {
    v: recordVersionOf(requested),
    id,
    user: principal.id,
    instanceId: instance.id,
    ...requested,
    bodyHash: bodyHashOf(ttlSeconds === undefined ? requested : { ...requested, ttlSeconds }),
    acceptedAt: new Date(acceptedAt).toISOString(),
    ...(batch !== undefined && { batch }),
    ...(campaign !== undefined && { campaign }),
    ...(labels && { labels }),
    ...((principal.eventFeed ?? eventFeedDefault) && { feed: true as const }),
  }
}

/** What the caller asks for, with what he left out. */
function requestOf(asked: AskedMessage, instance: string, acceptedAt: number): RequestedMessage {
  const { to, type, content, sendAt, ttlSeconds, reference, metadata } = asked
  const expiresAt =
    ttlSeconds === undefined
      ? asked.expiresAt
      : new Date(Math.max(acceptedAt, sendAt?.getTime() ?? 0) + ttlSeconds * 1000)
  return {
    instance,
    to,
    type,
    content,
    onAmbiguous: asked.onAmbiguous ?? asked.principal.onAmbiguous,
    priority: asked.priority ?? 'normal',
    ...(sendAt && { sendAt: sendAt.toISOString() }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...(reference !== undefined && { reference }),
    ...(metadata && { metadata }),
  }
}
