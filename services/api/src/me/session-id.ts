import { z } from 'zod'
import { placeCursor } from '../place-cursor.ts'

const ID = '[A-Za-z0-9_-]{22}'

/** `:id` of a route. */
export const SessionParams = z.object({ id: z.string().regex(new RegExp(`^${ID}$`), 'must be the id of a session') })

export const { Cursor: SessionCursor, cursorOf: sessionCursorOf } = placeCursor(ID)
