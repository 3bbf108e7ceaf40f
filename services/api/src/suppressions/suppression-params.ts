import { z } from 'zod'
import type { RecipientSchema } from '../messages/recipient.ts'
import { placeCursor } from '../place-cursor.ts'

/** `:number` of a route, in any form that a recipient may have. */
export function suppressionParams(recipient: RecipientSchema) {
  return z.object({ number: recipient })
}

export const Reason = z.string().trim().min(1).max(200)

export const { Cursor: SuppressionCursor, cursorOf: suppressionCursorOf } = placeCursor('[\\d@a-z.-]{7,45}')
