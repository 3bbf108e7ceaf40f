import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Answer } from './http/answer.ts'
import { type EvolutionInstance, newCuid } from './instances.ts'
import { jidOf } from './jid.ts'
import type { MediaStore } from './media/media-store.ts'
import type { ChatMessage, Messages, Quoted } from './messages.ts'
import type { PhoneFeed } from './phone-feed.ts'
import { messageView } from './phone-view.ts'
import { textOf } from './send/message-content.ts'
import type { Webhooks } from './webhooks.ts'

/** `number`: digits, or the whole address of a group. */
const Reply = z.strictObject({
  number: z.string().min(1).max(100),
  text: z.string().trim().min(1).max(65_536),
  quotedKeyId: z.string().max(100).optional(),
})

/** What the other side writes: shown in the chat, and told by `messages.upsert` as the real server does. */
export function createReplies(parts: {
  messages: Messages
  media: MediaStore
  feed: PhoneFeed
  webhooks: Webhooks
  onChange(): void
}) {
  return (instance: EvolutionInstance, body: unknown): Answer => {
    const reply = Reply.safeParse(body)
    if (!reply.success) return { status: 400, body: { status: 400, message: z.prettifyError(reply.error) } }
    if (instance.connection !== 'open') {
      return { status: 409, body: { status: 409, message: `"${instance.name}" is not connected` } }
    }
    const { number, text, quotedKeyId } = reply.data
    const message = newReply({ instance, jid: jidOf(number), text, quoted: quotedOf(instance, quotedKeyId) })
    parts.messages.add(message)
    const view = messageView(message, parts.media)
    parts.feed.publish(() => ({ kind: 'message', message: view }))
    parts.onChange()
    parts.webhooks.emit(instance, 'messages.upsert', upsertOf(instance, message))
    return { status: 201, body: view }
  }

  function quotedOf({ id }: EvolutionInstance, keyId: string | undefined): Quoted | undefined {
    const message = keyId === undefined ? undefined : parts.messages.get(keyId)
    return message?.instanceId === id ? { keyId: message.keyId, text: textOf(message) } : undefined
  }

  function upsertOf(instance: EvolutionInstance, message: ChatMessage) {
    const fromPhone = instance.integration === 'WHATSAPP-BAILEYS'
    return {
      key: { remoteJid: message.remoteJid, fromMe: false, id: message.keyId },
      pushName: message.number,
      ...(fromPhone ? { status: 'DELIVERY_ACK' } : {}),
      message: { conversation: textOf(message) },
      ...contextOf(instance, message),
      messageType: 'conversation',
      messageTimestamp: Math.floor(message.at / 1000),
      instanceId: instance.id,
      source: fromPhone ? 'android' : 'unknown',
    }
  }
}

function contextOf(instance: EvolutionInstance, { quoted }: ChatMessage) {
  if (quoted === undefined) return {}
  return {
    contextInfo: {
      stanzaId: quoted.keyId,
      participant: instance.ownerJid ?? undefined,
      quotedMessage: { conversation: quoted.text },
    },
  }
}

function newReply(o: {
  instance: EvolutionInstance
  jid: string
  text: string
  quoted: Quoted | undefined
}): ChatMessage {
  return {
    kind: 'text',
    content: { text: o.text },
    keyId: newPhoneKeyId(),
    messageId: newCuid(),
    instance: o.instance.name,
    instanceId: o.instance.id,
    remoteJid: o.jid,
    number: o.jid.split('@')[0] ?? '',
    direction: 'in',
    quoted: o.quoted,
    at: Date.now(),
    fate: 'silent',
    status: 'DELIVERY_ACK',
    updates: [],
  }
}

/** 32 characters, as the ids of Android. */
function newPhoneKeyId(): string {
  return `AC${randomBytes(15).toString('hex').toUpperCase()}`
}
