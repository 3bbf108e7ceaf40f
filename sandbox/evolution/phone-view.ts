import type { EvolutionInstance } from './instances.ts'
import type { SentMessage } from './messages.ts'

/** What the phone page may see of an instance: no token, no webhook. */
export function instanceView(instance: EvolutionInstance) {
  return {
    name: instance.name,
    state: instance.connection,
    owner: instance.ownerJid?.split('@')[0] ?? instance.number,
    qr: instance.qrCode?.base64 ?? null,
    pairingCode: instance.qrCode?.pairingCode ?? null,
  }
}

export function messageView({ keyId, instance, remoteJid, content, at, status }: SentMessage) {
  return { keyId, instance, chat: remoteJid.split('@')[0], content, at, status }
}
