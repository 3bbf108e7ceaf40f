import { z } from 'zod'

/** `:id` of a route. */
export const UserParams = z.object({ id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a user id') })
