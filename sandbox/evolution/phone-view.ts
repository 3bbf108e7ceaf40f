import type { EvolutionInstance } from './instances.ts'
import type { MediaStore } from './media/media-store.ts'
import type { ChatMessage } from './messages.ts'
import { mediaOf } from './send/message-content.ts'

/** What the phone page may see of an instance: no token, no webhook. */
export function instanceView(instance: EvolutionInstance) {
  return {
    name: instance.name,
    integration: instance.integration,
    state: instance.connection,
    owner: instance.ownerJid?.split('@')[0] ?? instance.number,
    qr: instance.qrCode?.base64 ?? null,
    pairingCode: instance.qrCode?.pairingCode ?? null,
    count: instance.qrCode?.count ?? 0,
  }
}

/** A file that had to make room for newer ones is shown as missing. */
export function messageView(message: ChatMessage, media: MediaStore) {
  const { keyId, instance, remoteJid, direction, kind, quoted, at, status } = message
  const file = mediaOf(message)
  const isGone = file !== null && !media.has(file.id)
  return {
    keyId,
    instance,
    chat: chatOf(remoteJid),
    direction,
    kind,
    content: isGone ? { ...message.content, media: null } : message.content,
    ...(quoted === undefined ? {} : { quoted }),
    at,
    status,
  }
}

/** People are known by their number, groups and the rest by their whole address. */
export function chatOf(remoteJid: string): string {
  return remoteJid.endsWith('@s.whatsapp.net') ? (remoteJid.split('@')[0] ?? '') : remoteJid
}
