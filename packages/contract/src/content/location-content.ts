import { z } from 'zod'
import { Quoting } from './message-reference.ts'
import { words } from './words.ts'

/** Ours: WhatsApp shows a line or two of them. */
const LINE_LENGTH_MAX = 1000

/** A place on the map, in degrees (WGS 84). */
export const LocationContent = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: words(LINE_LENGTH_MAX).optional(),
  address: words(LINE_LENGTH_MAX).optional(),
  ...Quoting,
})
export type LocationContent = Readonly<z.infer<typeof LocationContent>>
