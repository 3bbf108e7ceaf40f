import type { MessageContent } from './send/message-content.ts'

export type MessageStatus = 'PENDING' | 'DELIVERY_ACK' | 'READ' | 'ERROR'

/** What becomes of a message after the 201: read at last, refused by WhatsApp, or never heard of again. */
export type Fate = 'read' | 'refused' | 'silent'

export type Quoted = Readonly<{ keyId: string; text: string }>

/** A message in a chat, as the phone shows it: one that was handed to the socket, or (`in`) a reply. */
export type ChatMessage = MessageContent & {
  readonly keyId: string
  readonly messageId: string
  readonly instance: string
  readonly instanceId: string
  readonly remoteJid: string
  readonly number: string
  readonly direction: 'out' | 'in'
  readonly quoted?: Quoted | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly fate: Fate
  status: MessageStatus
  updates: MessageStatus[]
}

export type Messages = Readonly<{
  add(message: ChatMessage): void
  get(keyId: string): ChatMessage | undefined
  /** The newest `limit` messages, oldest first. */
  recent(limit: number): ChatMessage[]
}>

/** Keeps the newest `countMax` messages, and of large ones only as many as hold `charsMax` characters together. */
export function createMessages(countMax: number, charsMax = 64 * 1024 * 1024): Messages {
  const byKeyId = new Map<string, ChatMessage>()
  // A map finds its first entry by passing all that were deleted before it.
  let keyIds: string[] = []
  let oldest = 0
  let chars = 0

  const dropOldest = (): void => {
    const keyId = keyIds[oldest] ?? ''
    const message = byKeyId.get(keyId)
    byKeyId.delete(keyId)
    if (message !== undefined) chars -= charsOf(message)
    oldest += 1
    if (oldest * 2 <= keyIds.length) return
    keyIds = keyIds.slice(oldest)
    oldest = 0
  }

  return {
    add(message) {
      byKeyId.set(message.keyId, message)
      keyIds.push(message.keyId)
      chars += charsOf(message)
      while (oldest < keyIds.length && (byKeyId.size > countMax || chars > charsMax)) dropOldest()
    },
    get: (keyId) => byKeyId.get(keyId),
    recent: (limit) => [...byKeyId.values()].slice(-limit),
  }
}

/** All that a caller can make long: the address too, for some are taken as they are. */
function charsOf({ remoteJid, number, quoted, ...said }: ChatMessage): number {
  const around =
    remoteJid.length + number.length + (quoted === undefined ? 0 : quoted.keyId.length + quoted.text.length)
  return around + (said.kind === 'text' ? textLength(said.content) : JSON.stringify(said.content).length)
}

function textLength({ text, preview, mentioned = [] }: Extract<MessageContent, { kind: 'text' }>['content']): number {
  return mentioned.reduce((sum, number) => sum + number.length, text.length + (preview?.url.length ?? 0))
}
