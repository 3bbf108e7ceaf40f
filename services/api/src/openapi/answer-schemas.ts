import { z } from 'zod'

/** A moment as answers have it. */
export const Time = z.iso.datetime()

/** What every list answers with. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item),
    next: z.string().nullable().describe('Give it as `cursor` to go on; `null`: there is no more.'),
  })
}

export const FieldFault = z.object({
  field: z.string().describe('As the caller wrote it; `body` is the whole of it.'),
  message: z.string(),
})
