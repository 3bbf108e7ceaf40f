import {
  EVENT_RECORD_VERSION,
  EvolutionEventRecord,
  echoedHashOf,
  OptOutWord,
  ReceiptStatus,
} from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import { z } from 'zod'

/** The envelope of every event. `apikey` and the rest of it are not read, so they can neither be stored nor logged. */
export const EventEnvelope = z.object({
  event: z.string().max(100),
  instance: z.string().max(256),
  // Some events have none.
  data: z.unknown().optional(),
})
export type EventEnvelope = z.infer<typeof EventEnvelope>

/**
 * What we keep of an event: no text, no token. Undefined for an event of no use to us, or one whose data are not what
 * Evolution sends: repeating it would not make it better.
 */
export function reduceEvent(envelope: EventEnvelope, instance: Instance, now: Date): EvolutionEventRecord | undefined {
  const facts = factsOf(envelope)
  if (facts === undefined) return undefined
  const head = {
    v: EVENT_RECORD_VERSION,
    instance: instance.name,
    instanceId: instance.id,
    receivedAt: now.toISOString(),
  }
  const record = EvolutionEventRecord.safeParse({ ...head, ...facts })
  return record.success ? record.data : undefined
}

function factsOf({ event, data }: EventEnvelope): Record<string, unknown> | undefined {
  switch (event.toLowerCase().replaceAll('_', '.')) {
    case 'messages.update': {
      const update = ReceiptData.safeParse(data)
      return update.success ? { kind: 'receipt', ...update.data } : undefined
    }
    case 'send.message': {
      const sent = SentData.safeParse(data)
      return sent.success ? sentFacts(sent.data.key, echoedHashOf(data)) : undefined
    }
    case 'messages.upsert': {
      const received = ReceivedData.safeParse(data)
      return received.success ? optOutFacts(received.data) : undefined
    }
    case 'connection.update':
    case 'status.instance':
      return LoginEnd.safeParse(data).success ? WITHOUT_LOGIN : { kind: 'connection' }
    case 'logout.instance':
      return WITHOUT_LOGIN
    case 'qrcode.updated':
      return codeFacts(data)
    default:
      return undefined
  }
}

const WITHOUT_LOGIN = { kind: 'connection', needsQr: true } as const

/** With these WhatsApp ends a login for good. */
const LOGIN_ENDS = z.union([z.literal(401), z.literal(402), z.literal(403), z.literal(406)])
const LoginEnd = z.union([z.object({ statusReason: LOGIN_ENDS }), z.object({ disconnectionReasonCode: LOGIN_ENDS })])

/** At the last of its codes the event carries none. The code itself is a login: it is not kept. */
const CodeData = z.object({ qrcode: z.object({ code: z.string().min(1) }) })

function codeFacts(data: unknown): Record<string, unknown> | undefined {
  return CodeData.safeParse(data).success ? WITHOUT_LOGIN : undefined
}

const ReceiptData = z
  .object({ keyId: z.string(), status: ReceiptStatus, fromMe: z.boolean().optional() })
  .transform(({ keyId, status }) => ({ keyId, status }))

const MessageData = z
  .object({
    conversation: z.string().optional(),
    extendedTextMessage: z.object({ text: z.string().optional() }).optional(),
  })
  .nullish()

const SentData = z.object({ key: z.object({ id: z.string(), remoteJid: z.string() }) })

function textOf(message: z.infer<typeof MessageData>): string | undefined {
  return message?.conversation ?? message?.extendedTextMessage?.text
}

function sentFacts(key: z.infer<typeof SentData>['key'], textHash: string | undefined): Record<string, unknown> {
  return { kind: 'sent', keyId: key.id, remoteJid: key.remoteJid, ...(textHash !== undefined && { textHash }) }
}

const Jid = z.string().max(256).optional()

const ReceivedData = z.object({
  // Who is known by an @lid has his number beside it, under one name or the other.
  key: z.object({ fromMe: z.literal(false), remoteJid: z.string().max(256), remoteJidAlt: Jid, senderPn: Jid }),
  message: MessageData,
})

/** Of what people write nothing is kept but that they want no more messages. */
function optOutFacts({ key, message }: z.infer<typeof ReceivedData>): Record<string, unknown> | undefined {
  const word = optOutWordOf(textOf(message))
  const digits = [key.remoteJid, key.remoteJidAlt, key.senderPn].map((jid) => PERSON.exec(jid ?? '')?.[1]).find(Boolean)
  // In a group it is said to the group.
  if (word === undefined || digits === undefined || key.remoteJid.endsWith('@g.us')) return undefined
  return { kind: 'opt-out', number: `+${digits}`, word }
}

const PERSON = /^(\d{7,15})(?::\d+)?@s\.whatsapp\.net$/

const OPT_OUT_LENGTH_MAX = 20
/** As people put it around a word. */
const AROUND = /^[\s"'*_.!]+|[\s"'*_.!]+$/g

function optOutWordOf(text: string | undefined): OptOutWord | undefined {
  if (text === undefined || text.length > OPT_OUT_LENGTH_MAX) return undefined
  const word = OptOutWord.safeParse(text.replaceAll(AROUND, '').toUpperCase())
  return word.success ? word.data : undefined
}
