import {
  digitsOf,
  isJid,
  isPhoneNumber,
  type Message,
  type MessageReference,
  type SendFailure,
  textOf,
} from '@whatsapp-sender/contract'
import type { KnownMessage } from '@whatsapp-sender/evolution-client'
import type { LaneRow, MessageRow } from '@whatsapp-sender/store'

/** `reference` is undefined for a message that refers to none. */
export type FoundReference = Readonly<{ reference: KnownMessage | undefined } | { failure: SendFailure }>

export type FindReference = (row: LaneRow, message: Message) => Promise<FoundReference>

/**
 * Finds the message that another one answers or reacts to: by its id here, an earlier one that the same user sent through
 * the same instance; by WhatsApp's key, as it was given. A reaction goes to the chat with its own recipient only.
 */
export function createFindReference(o: {
  findOwned(user: string, id: string): Promise<MessageRow | undefined>
  /** How WhatsApp calls a recipient, when an earlier answer told. */
  learnedJid(instanceId: string, number: string): Promise<string | undefined>
  /** Repeats until the database answers. */
  insist<T>(read: () => Promise<T>): Promise<T>
}): FindReference {
  return async (row, message) => {
    const asked = referenceOf(message)
    if (asked === undefined) return { reference: undefined }
    if (typeof asked !== 'string') {
      const { id, fromMe, remoteJid = await chatWith(row.instanceId, row.to) } = asked
      return { reference: { id, remoteJid, fromMe } }
    }
    const found = await o.insist(() => o.findOwned(row.user, asked))
    // Of another instance is as good as none: its chats are others.
    if (found === undefined || found.instanceId !== row.instanceId) return failed('reference-missing')
    if (found.providerMessageId === undefined) return failed(isUnderWay(found) ? 'reference-waits' : 'reference-unsent')
    if (message.type === 'reaction' && found.to !== row.to) return failed('reference-elsewhere')
    const remoteJid = await chatWith(found.instanceId, found.to)
    const text = textOf(found)
    return {
      reference: { id: found.providerMessageId, remoteJid, fromMe: true, ...(text !== '' && { text }) },
    }
  }

  async function chatWith(instanceId: string, to: string): Promise<string> {
    if (isJid(to)) return to
    const learned = await o.insist(() => o.learnedJid(instanceId, to))
    if (learned !== undefined) return learned
    if (!isPhoneNumber(to)) throw new Error('a row holds a recipient that is none')
    return `${digitsOf(to)}@s.whatsapp.net`
  }
}

function referenceOf({ content }: Message): MessageReference | undefined {
  if ('target' in content) return content.target
  return 'quoted' in content ? content.quoted : undefined
}

function isUnderWay({ status }: MessageRow): boolean {
  return status === 'scheduled' || status === 'queued' || status === 'sending'
}

const FAILURES = {
  'reference-missing': ['permanent', 'there is no message of this id that this instance sent'],
  'reference-unsent': ['permanent', 'the message it refers to was not sent'],
  'reference-elsewhere': ['permanent', 'the message it reacts to went to another recipient'],
  'reference-waits': ['transient', 'the message it refers to has not been sent yet'],
} as const satisfies Readonly<Record<string, readonly [SendFailure['kind'], string]>>

function failed(code: keyof typeof FAILURES): FoundReference {
  const [kind, detail] = FAILURES[code]
  return { failure: { kind, code, detail } }
}
