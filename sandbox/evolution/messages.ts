export type MessageStatus = 'PENDING' | 'DELIVERY_ACK' | 'READ' | 'ERROR'

/** What becomes of a message after the 201: read at last, refused by WhatsApp, or never heard of again. */
export type Fate = 'read' | 'refused' | 'silent'

/** A message that was handed to the socket, as the phone shows it. */
export type SentMessage = {
  readonly keyId: string
  readonly messageId: string
  readonly instance: string
  readonly instanceId: string
  readonly remoteJid: string
  readonly number: string
  readonly kind: 'text'
  readonly content: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly fate: Fate
  status: MessageStatus
  updates: MessageStatus[]
}

export type Messages = Readonly<{
  add(message: SentMessage): void
  get(keyId: string): SentMessage | undefined
  /** The newest `limit` messages, oldest first. */
  recent(limit: number): SentMessage[]
}>

/** Keeps the newest `capacity` messages. */
export function createMessages(capacity: number): Messages {
  const byKeyId = new Map<string, SentMessage>()
  return {
    add(message) {
      byKeyId.set(message.keyId, message)
      if (byKeyId.size <= capacity) return
      for (const oldest of byKeyId.keys()) {
        byKeyId.delete(oldest)
        return
      }
    },
    get: (keyId) => byKeyId.get(keyId),
    recent: (limit) => [...byKeyId.values()].slice(-limit),
  }
}
