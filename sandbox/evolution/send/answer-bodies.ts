import type { EvolutionInstance } from '../instances.ts'
import type { ChatMessage } from '../messages.ts'
import type { Draft } from './send-kind.ts'

/** The body of a 201, which is also the data of `send.message`, in the order and form of the channel. */
export function sentBody(message: ChatMessage, draft: Draft, { integration }: EvolutionInstance) {
  if (integration === 'WHATSAPP-BAILEYS') return baileysBody(message, draft)
  return integration === 'EVOLUTION' ? evolutionBody(message, draft) : businessBody(message, draft)
}

const SETTING_TIMESTAMP = Math.floor(Date.now() / 1000)

function baileysBody(message: ChatMessage, draft: Draft) {
  return {
    key: { remoteJid: message.remoteJid, fromMe: true, id: message.keyId },
    pushName: 'Você',
    status: 'PENDING',
    message: draft.message,
    contextInfo: {
      mentionedJid: draft.mentioned.map((number) => `${number.replace(/\D/g, '')}@s.whatsapp.net`),
      groupMentions: [],
      ephemeralSettingTimestamp: { low: SETTING_TIMESTAMP, high: 0, unsigned: false },
      disappearingMode: { initiator: 0 },
      ...quotedInfo(draft),
    },
    messageType: draft.messageType,
    messageTimestamp: Math.floor(message.at / 1000),
    instanceId: message.instanceId,
    source: 'web',
  }
}

function quotedInfo({ quoted }: Draft) {
  return quoted === undefined ? {} : { stanzaId: quoted.keyId, quotedMessage: { conversation: quoted.text } }
}

function evolutionBody(message: ChatMessage, draft: Draft) {
  const { said, quoted } = draft
  const isButtons = said.kind === 'buttons'
  return {
    key: { fromMe: true, id: message.keyId, remoteJid: message.remoteJid },
    message: {
      ...(isButtons ? said.content : draft.message),
      ...(quoted === undefined ? {} : { quoted: { id: quoted.keyId } }),
    },
    messageType: isButtons ? 'buttonMessage' : draft.messageType,
    messageTimestamp: Math.floor(message.at / 1000),
    source: 'unknown',
    instanceId: message.instanceId,
  }
}

/** Meta's API knows fewer kinds than WhatsApp does; the rest go by the name of a text. */
const BUSINESS_TYPES: Readonly<Partial<Record<ChatMessage['kind'], string>>> = {
  image: 'imageMessage',
  video: 'videoMessage',
  audio: 'audioMessage',
  voice: 'audioMessage',
  document: 'documentMessage',
  location: 'locationMessage',
}

function businessBody(message: ChatMessage, draft: Draft) {
  const { said, quoted } = draft
  return {
    key: { fromMe: true, id: message.keyId, remoteJid: message.remoteJid },
    message: {
      ...(said.kind === 'template' ? { conversation: `▶️${said.content.name}◀️` } : draft.message),
      ...(quoted === undefined ? {} : { contextInfo: { stanzaId: quoted.keyId } }),
    },
    messageType: BUSINESS_TYPES[said.kind] ?? 'conversation',
    messageTimestamp: Math.floor(message.at / 1000),
    instanceId: message.instanceId,
    status: 'PENDING',
    source: 'unknown',
  }
}
