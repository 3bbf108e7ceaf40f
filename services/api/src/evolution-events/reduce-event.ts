import { EVENT_RECORD_VERSION, EvolutionEventRecord, ReceiptStatus, textHashOf } from '@whatsapp-sender/contract'
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
      return sent.success ? sentFacts(sent.data) : undefined
    }
    case 'connection.update':
    case 'status.instance':
    case 'logout.instance':
      return { kind: 'connection' }
    default:
      return undefined
  }
}

const ReceiptData = z
  .object({ keyId: z.string(), status: ReceiptStatus, fromMe: z.boolean().optional() })
  .transform(({ keyId, status }) => ({ keyId, status }))

const SentData = z.object({
  key: z.object({ id: z.string(), remoteJid: z.string() }),
  message: z
    .object({
      conversation: z.string().optional(),
      extendedTextMessage: z.object({ text: z.string().optional() }).optional(),
    })
    .nullish(),
})

function sentFacts({ key, message }: z.infer<typeof SentData>): Record<string, unknown> {
  const text = message?.conversation ?? message?.extendedTextMessage?.text
  return {
    kind: 'sent',
    keyId: key.id,
    remoteJid: key.remoteJid,
    ...(text !== undefined && { textHash: textHashOf(text) }),
  }
}
