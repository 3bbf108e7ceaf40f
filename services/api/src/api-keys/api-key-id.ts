import { z } from 'zod'
import { placeCursor } from '../place-cursor.ts'

const ID = '[0-9a-f]{16}'

/** `:id` of a route: the part of a key between its prefix and its secret. */
export const ApiKeyParams = z.object({ id: z.string().regex(new RegExp(`^${ID}$`), 'must be the id of an API key') })

export const { Cursor: ApiKeyCursor, cursorOf: apiKeyCursorOf } = placeCursor(ID)
