import type { Connections } from '../connections.ts'
import { metaErrors, sendErrors } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { EvolutionInstance } from '../instances.ts'
import type { Journal } from '../journal.ts'
import { type Magic, magicOf } from '../magic-numbers.ts'
import type { MediaStore } from '../media/media-store.ts'
import type { ChatMessage, Messages } from '../messages.ts'
import type { PhoneFeed } from '../phone-feed.ts'
import { messageView } from '../phone-view.ts'
import type { Receipts } from '../receipts.ts'
import type { Surroundings } from '../surroundings.ts'
import { wait } from '../wait.ts'
import type { Webhooks } from '../webhooks.ts'
import { sentBody } from './answer-bodies.ts'
import { textOf } from './message-content.ts'
import { newMessage } from './new-message.ts'
import type { Draft } from './send-kind.ts'

/** What left for WhatsApp: one entry for each message that was handed to the socket, whatever became of it. */
export type JournalEntry = Readonly<{
  at: string
  instance: string
  number: string
  remoteJid: string
  kind: ChatMessage['kind']
  /** The text or caption, '' where there is none. */
  content: string
  keyId: string
}>

/** One message, checked and addressed; `number` is the digits the caller wrote. */
export type Sending = Readonly<{ instance: EvolutionInstance; jid: string; number: string; draft: Draft }>

export type HandOverParts = Readonly<{
  connections: Connections
  webhooks: Webhooks
  receipts: Receipts
  messages: Messages
  media: MediaStore
  journal: Journal<JournalEntry>
  feed: PhoneFeed
  surroundings: Surroundings
  timeScale: number
  /** How long the socket takes for one message; drawn anew for each. */
  latencyMs(): number
  onChange(): void
}>

const KEYS_UNANSWERED_MS = 60_120

/** Hands one message to the instance's socket when its turn comes, and answers as the real server then does. */
export function createHandOver(parts: HandOverParts) {
  const channels = { 'WHATSAPP-BAILEYS': throughSocket, EVOLUTION: throughNothing, 'WHATSAPP-BUSINESS': throughMeta }

  return (o: Sending): Promise<Answer> => {
    const turn = o.instance.turn.then(async () => {
      const latencyMs = parts.latencyMs()
      if (latencyMs > 0) await wait(latencyMs)
      return channels[o.instance.integration](o)
    })
    o.instance.turn = turn.then(
      () => undefined,
      () => undefined,
    )
    return turn
  }

  async function throughSocket(o: Sending): Promise<Answer> {
    const { instance, draft } = o
    const magic = magicOf(o.jid)
    if (magic === 'keys-hang' && instance.connection === 'open') {
      await wait(KEYS_UNANSWERED_MS * parts.timeScale)
      return sendErrors.keysUnanswered
    }
    if (instance.connection !== 'open') {
      return instance.hasSocket ? sendErrors.closedDuringSend : sendErrors.noSocket
    }
    const message = newMessage(o, magic)
    record(message)
    // PostgreSQL refuses the row, so the caller hears of a failure although the message is out.
    if (holdsNul(draft)) return sendErrors.rowRefused
    const body = sentBody(message, draft, instance)
    parts.webhooks.emit(instance, 'send.message', body)
    parts.receipts.follow(message)
    if (magic === 'socket-lost-after') parts.connections.loseSocket(instance)
    return { status: 201, body }
  }

  /** The EVOLUTION channel: the event is all that leaves, and it leaves before the row is written. */
  function throughNothing(o: Sending): Answer {
    const message = newMessage(o, undefined)
    const body = sentBody(message, o.draft, o.instance)
    record(message)
    parts.webhooks.emit(o.instance, 'send.message', body)
    if (parts.surroundings.databaseIsDown) return sendErrors.databaseDownAfterSend
    return holdsNul(o.draft) ? sendErrors.rowRefused : { status: 201, body }
  }

  /** The Business channel: what Meta says of a message it does not take comes back as if it were one. */
  function throughMeta(o: Sending): Answer {
    const magic = magicOf(o.jid)
    const refusal = magic === undefined ? undefined : META_REFUSALS.get(magic)
    if (refusal !== undefined) return refusal
    const message = newMessage(o, magic)
    record(message)
    if (parts.surroundings.databaseIsDown || magic === 'server-error') return sendErrors.databaseDownAfterSend
    if (holdsNul(o.draft)) return sendErrors.rowRefused
    const body = sentBody(message, o.draft, o.instance)
    parts.webhooks.emit(o.instance, 'send.message', body)
    return { status: 201, body }
  }

  function record(message: ChatMessage): void {
    const { instance, number, remoteJid, kind, keyId } = message
    const at = new Date(message.at).toISOString()
    parts.messages.add(message)
    parts.journal.append({ at, instance, number, remoteJid, kind, content: textOf(message), keyId })
    parts.feed.publish(() => ({ kind: 'message', message: messageView(message, parts.media) }))
    parts.onChange()
  }
}

const META_REFUSALS: ReadonlyMap<Magic, Answer> = new Map([
  ['not-on-whatsapp', metaErrors.notAllowed],
  ['unauthorized', metaErrors.badToken],
  ['servers-down', sendErrors.metaUnreadable],
])

function holdsNul({ said }: Draft): boolean {
  return said.kind === 'text' ? said.content.text.includes('\0') : JSON.stringify(said.content).includes('\\u0000')
}
