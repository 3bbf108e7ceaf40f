import { randomUUID } from 'node:crypto'
import { type EvolutionInstance, newCuid } from '../instances.ts'
import type { Magic } from '../magic-numbers.ts'
import type { ChatMessage, Fate } from '../messages.ts'
import { randomBytes } from '../random-bytes.ts'
import type { Draft } from './send-kind.ts'

type Addressed = Readonly<{ instance: EvolutionInstance; jid: string; number: string; draft: Draft }>

/** A draft as it leaves: it has an id now, and a fate. */
export function newMessage({ instance, jid, number, draft }: Addressed, magic: Magic | undefined): ChatMessage {
  return {
    ...draft.said,
    keyId: NEW_KEY_IDS[instance.integration](),
    messageId: newCuid(),
    instance: instance.name,
    instanceId: instance.id,
    remoteJid: jid,
    number,
    direction: 'out',
    quoted: draft.quoted,
    at: Date.now(),
    fate: fateOf(instance, magic),
    status: 'PENDING',
    updates: [],
  }
}

function fateOf(instance: EvolutionInstance, magic: Magic | undefined): Fate {
  if (instance.integration !== 'WHATSAPP-BAILEYS') return 'silent'
  if (magic === 'socket-lost-after' || magic === 'never-acknowledged') return 'silent'
  return magic === 'refused-after' ? 'refused' : 'read'
}

const NEW_KEY_IDS: Readonly<Record<EvolutionInstance['integration'], () => string>> = {
  // 22 characters, as the ids of WhatsApp Web.
  'WHATSAPP-BAILEYS': () => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`,
  EVOLUTION: () => randomUUID(),
  'WHATSAPP-BUSINESS': () => `wamid.${randomBytes(33).toString('base64')}`,
}
