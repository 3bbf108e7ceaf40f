import { z } from 'zod'
import { placeCursor } from '../place-cursor.ts'

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** `:id` of a route. */
export const MediaParams = z.object({ id: z.string().regex(new RegExp(`^${ID}$`), 'must be the id of a file') })

export const { Cursor: MediaCursor, cursorOf: mediaCursorOf } = placeCursor(ID)
