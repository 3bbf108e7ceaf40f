import { z } from 'zod'
import { InstanceName } from './instance.ts'
import { type DecodedRecord, decodeVersioned } from './message-record.ts'

export const EVENT_RECORD_VERSION = 1

const Head = {
  v: z.literal(EVENT_RECORD_VERSION),
  instance: InstanceName,
  /** Found by the secret that came with the event, never by what the event says. */
  instanceId: z.string().min(1).max(64),
  receivedAt: z.iso.datetime(),
}

/** WhatsApp's own words for a receipt, as Evolution passes them on. */
export const ReceiptStatus = z.enum(['ERROR', 'PENDING', 'SERVER_ACK', 'DELIVERY_ACK', 'READ', 'PLAYED', 'DELETED'])
export type ReceiptStatus = z.infer<typeof ReceiptStatus>

/** What a recipient writes, and nothing else, who wants no more messages. */
export const OptOutWord = z.enum(['SAIR', 'STOP'])
export type OptOutWord = z.infer<typeof OptOutWord>

/**
 * One event of Evolution as topic `evolution-events` carries it, reduced at the door to what we use: no text, no token.
 * - `receipt`: `messages.update`, joined by `keyId`
 * - `sent`: `send.message`, the evidence that a message left
 * - `opt-out`: `messages.upsert`, a recipient asks to be sent nothing more
 * - `connection`: the instance may have opened or closed; only the live state says which. `needsQr`: it has no login any
 *   more, or shows a code to get one, which the live state does not say
 */
export const EvolutionEventRecord = z.discriminatedUnion('kind', [
  z.object({
    ...Head,
    kind: z.literal('receipt'),
    keyId: z.string().min(1).max(256),
    status: ReceiptStatus,
  }),
  z.object({
    ...Head,
    kind: z.literal('sent'),
    keyId: z.string().min(1).max(256),
    remoteJid: z.string().max(256),
    /** What it says, as `echoedHashOf` has it; missing where the event does not tell enough. */
    textHash: z.string().length(64).optional(),
  }),
  z.object({
    ...Head,
    kind: z.literal('opt-out'),
    /** E.164. */
    number: z.string().regex(/^\+\d{7,15}$/),
    word: OptOutWord,
  }),
  z.object({ ...Head, kind: z.literal('connection'), needsQr: z.literal(true).optional() }),
])
export type EvolutionEventRecord = Readonly<z.infer<typeof EvolutionEventRecord>>

export function encodeEvolutionEvent(record: EvolutionEventRecord): Buffer {
  return Buffer.from(JSON.stringify(record), 'utf8')
}

/** Never throws. */
export function decodeEvolutionEvent(value: Buffer | null): DecodedRecord<EvolutionEventRecord> {
  return decodeVersioned(value, { [EVENT_RECORD_VERSION]: EvolutionEventRecord })
}
