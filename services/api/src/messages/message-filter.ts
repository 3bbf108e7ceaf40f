import { InstanceName } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { placeCursor } from '../place-cursor.ts'
import { Reference } from './metadata.ts'
import { Moment } from './moment.ts'
import type { RecipientSchema } from './recipient.ts'

/** Which messages, as a query or a body says it. */
export function messageFields(recipient: RecipientSchema) {
  return {
    instance: InstanceName.optional(),
    to: recipient.optional(),
    reference: Reference.optional(),
    batch: z.uuid().toLowerCase().optional(),
    campaign: z.uuid().toLowerCase().optional(),
    since: Moment.optional().describe('By when it came into the ledger.'),
    until: Moment.optional().describe('Not included.'),
  }
}

export const { Cursor, cursorOf } = placeCursor('[0-9a-f-]{36}')
