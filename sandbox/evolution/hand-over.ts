import { randomBytes, randomUUID } from 'node:crypto'
import type { Connections } from './connections.ts'
import { sendErrors } from './error-bodies.ts'
import type { Answer } from './http/answer.ts'
import { type EvolutionInstance, newCuid } from './instances.ts'
import type { Journal } from './journal.ts'
import { type Magic, magicOf } from './magic-numbers.ts'
import type { Fate, Messages, SentMessage } from './messages.ts'
import type { PhoneFeed } from './phone-feed.ts'
import { messageView } from './phone-view.ts'
import type { Receipts } from './receipts.ts'
import { wait } from './wait.ts'
import type { Webhooks } from './webhooks.ts'

/** What left for WhatsApp: one entry for each message that was handed to the socket, whatever became of it. */
export type JournalEntry = Readonly<{
  at: string
  instance: string
  number: string
  remoteJid: string
  kind: 'text'
  content: string
  keyId: string
}>

/** One message, checked and addressed; `number` is the digits the caller wrote. */
export type Sending = Readonly<{ instance: EvolutionInstance; jid: string; number: string; text: string }>

export type HandOverParts = Readonly<{
  connections: Connections
  webhooks: Webhooks
  receipts: Receipts
  messages: Messages
  journal: Journal<JournalEntry>
  feed: PhoneFeed
  /** How long the socket takes for one message; drawn anew for each. */
  latencyMs(): number
  onChange(): void
}>

/** Hands one message to the instance's socket when its turn comes, and answers as the real server then does. */
export function createHandOver(parts: HandOverParts) {
  return (o: Sending): Promise<Answer> => {
    const turn = o.instance.turn.then(async () => {
      const latencyMs = parts.latencyMs()
      if (latencyMs > 0) await wait(latencyMs)
      return send(o)
    })
    o.instance.turn = turn.then(
      () => undefined,
      () => undefined,
    )
    return turn
  }

  function send(o: Sending): Answer {
    const { instance } = o
    if (instance.connection !== 'open') {
      return instance.hasSocket ? sendErrors.closedDuringSend : sendErrors.noSocket
    }
    const magic = magicOf(o.jid)
    const message = newMessage(o, magic)
    record(message)
    // PostgreSQL refuses the row, so the caller hears of a failure although the message is out.
    if (o.text.includes('\0')) return sendErrors.rowRefused
    const body = instance.integration === 'EVOLUTION' ? evolutionBody(message) : baileysBody(message)
    parts.webhooks.emit(instance, 'send.message', body)
    parts.receipts.follow(message)
    if (magic === 'socket-lost-after') parts.connections.loseSocket(instance)
    return { status: 201, body }
  }

  function record(message: SentMessage): void {
    const { instance, number, remoteJid, kind, content, keyId } = message
    const at = new Date(message.at).toISOString()
    parts.messages.add(message)
    parts.journal.append({ at, instance, number, remoteJid, kind, content, keyId })
    parts.feed.publish({ kind: 'message', message: messageView(message) })
    parts.onChange()
  }
}

function newMessage({ instance, jid, number, text }: Sending, magic: Magic | undefined): SentMessage {
  return {
    keyId: instance.integration === 'EVOLUTION' ? randomUUID() : newKeyId(),
    messageId: newCuid(),
    instance: instance.name,
    instanceId: instance.id,
    remoteJid: jid,
    number,
    kind: 'text',
    content: text,
    at: Date.now(),
    fate: fateOf(instance, magic),
    status: 'PENDING',
    updates: [],
  }
}

function fateOf(instance: EvolutionInstance, magic: Magic | undefined): Fate {
  if (instance.integration === 'EVOLUTION' || magic === 'socket-lost-after' || magic === 'never-acknowledged') {
    return 'silent'
  }
  return magic === 'refused-after' ? 'refused' : 'read'
}

/** 22 characters, as the ids of WhatsApp Web. */
function newKeyId(): string {
  return `3EB0${randomBytes(9).toString('hex').toUpperCase()}`
}

const SETTING_TIMESTAMP = Math.floor(Date.now() / 1000)

function baileysBody(message: SentMessage) {
  return {
    key: { remoteJid: message.remoteJid, fromMe: true, id: message.keyId },
    pushName: 'Você',
    status: 'PENDING',
    message: { conversation: message.content },
    contextInfo: {
      mentionedJid: [],
      groupMentions: [],
      ephemeralSettingTimestamp: { low: SETTING_TIMESTAMP, high: 0, unsigned: false },
      disappearingMode: { initiator: 0 },
    },
    messageType: 'conversation',
    messageTimestamp: Math.floor(message.at / 1000),
    instanceId: message.instanceId,
    source: 'web',
  }
}

function evolutionBody(message: SentMessage) {
  return {
    key: { fromMe: true, id: message.keyId, remoteJid: message.remoteJid },
    message: { conversation: message.content },
    messageType: 'conversation',
    messageTimestamp: Math.floor(message.at / 1000),
    source: 'unknown',
    instanceId: message.instanceId,
  }
}
