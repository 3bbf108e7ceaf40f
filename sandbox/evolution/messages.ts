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

/** Keeps the newest `capacity` messages. */
export function createMessages(capacity: number): Messages {
  const byKeyId = new Map<string, ChatMessage>()
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
