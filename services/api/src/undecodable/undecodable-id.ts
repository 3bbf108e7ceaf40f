import { z } from 'zod'
import { placeCursor } from '../place-cursor.ts'

const ID = String.raw`[A-Za-z0-9._-]{1,249}:\d{1,10}:\d{1,19}`

/** `:id` of a route: topic, partition and offset. */
export const UndecodableParams = z.object({
  id: z.string().regex(new RegExp(`^${ID}$`), 'must be topic:partition:offset'),
})

export const { Cursor: UndecodableCursor, cursorOf: undecodableCursorOf } = placeCursor(ID)
