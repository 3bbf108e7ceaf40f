import { z } from 'zod'

export const CURSOR_FAULT = 'must be the "next" of a page'

/** A place in a list that is ordered by time, then id. */
type Place = Readonly<{ at: number; id: string }>

/** How callers carry a place from page to page; `id` is the pattern of the ids of that list. */
export function placeCursor(id: string) {
  const pattern = new RegExp(`^([0-9a-z]{1,9})@(${id})$`)
  return {
    Cursor: z
      .string()
      .transform((text, ctx): Place => {
        const [, time, found] = pattern.exec(text) ?? []
        if (time !== undefined && found !== undefined) return { at: Number.parseInt(time, 36), id: found }
        ctx.addIssue(CURSOR_FAULT)
        return z.NEVER
      })
      .describe('The `next` of the page before.'),
    cursorOf: (place: Place | undefined): string | null =>
      place === undefined ? null : `${place.at.toString(36)}@${place.id}`,
  }
}
