import { bodyHashOf, type MessageRecord, messageIdFor } from '@whatsapp-sender/contract'
import type { IngestedMessage } from '@whatsapp-sender/store'

/** A record as the API writes it. */
export function messageRecord(facts: Partial<MessageRecord> = {}): MessageRecord {
  const body = {
    instance: 'sales',
    to: '+5511999991000',
    type: 'text',
    content: { text: 'hello' },
    onAmbiguous: 'resend',
    priority: 'normal',
  } as const
  return {
    ...body,
    v: 1,
    id: messageIdFor('ana', 'key-1'),
    user: 'ana',
    instanceId: 'sales-1',
    bodyHash: bodyHashOf(body),
    acceptedAt: '2026-01-01T00:00:00.000Z',
    ...facts,
  }
}

export function ingestedMessage(facts: Partial<IngestedMessage> = {}): IngestedMessage {
  return { record: messageRecord(), appendedAt: 1000, offset: 0n, wake: false, ...facts }
}
