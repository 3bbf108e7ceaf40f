import type { UndecodablePlace } from '@whatsapp-sender/store'
import { z } from 'zod'
import { CURSOR_FAULT } from '../http/page-query.ts'

const ID = String.raw`[A-Za-z0-9._-]{1,249}:\d{1,10}:\d{1,19}`

/** `:id` of a route: topic, partition and offset. */
export const UndecodableParams = z.object({
  id: z.string().regex(new RegExp(`^${ID}$`), 'must be topic:partition:offset'),
})

export const UndecodableCursor = z
  .string()
  .regex(new RegExp(`^[0-9a-z]{1,9}@${ID}$`), CURSOR_FAULT)
  .transform((text): UndecodablePlace => {
    const [time = '', id = ''] = text.split('@')
    return { at: Number.parseInt(time, 36), id }
  })

export function undecodableCursorOf(place: UndecodablePlace | undefined): string | null {
  return place === undefined ? null : `${place.at.toString(36)}@${place.id}`
}
