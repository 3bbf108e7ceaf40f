import { z } from 'zod'

/** `:id` of a route. */
export const MessageParams = z.object({ id: z.uuid('must be a message id').toLowerCase() })
