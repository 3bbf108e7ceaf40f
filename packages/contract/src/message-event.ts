import { z } from 'zod'
import { InstanceName } from './instance.ts'

export const MESSAGE_EVENT_VERSION = 1

/**
 * What can be told of a message. Most are its new status; besides them:
 * - `retrying`: an attempt failed, and the message is `queued` again
 * - `stuck`: sent, and no receipt has come for long
 * - `conflict`: a second message came under the same idempotency key and was not taken
 */
export const MESSAGE_EVENT_TYPES = [
  'message.scheduled',
  'message.queued',
  'message.retrying',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'message.dead-lettered',
  'message.unknown',
  'message.cancelled',
  'message.expired',
  'message.stuck',
  'message.conflict',
] as const
export type MessageEventType = (typeof MESSAGE_EVENT_TYPES)[number]

/**
 * One event as topic `messages.events` carries it: JSON, key = message id. Of one message `n` counts from 1 without a
 * gap, in the order of what happened; an event may come again, with the same `id`. No text, no key, no token.
 */
export const MessageEvent = z.object({
  v: z.literal(MESSAGE_EVENT_VERSION),
  /** `<message id>:<n>`. */
  id: z.string().min(3).max(64),
  n: z.int().positive(),
  type: z.enum(MESSAGE_EVENT_TYPES),
  /** When it happened, by the database's clock. */
  at: z.iso.datetime(),
  user: z.string().min(1).max(64),
  instance: InstanceName,
  instanceId: z.string().min(1).max(64),
  message: z.object({
    id: z.uuid(),
    /** E.164. */
    to: z.string(),
    type: z.string().min(1).max(32),
    reference: z.string().optional(),
    metadata: z.record(z.string(), z.string()).optional(),
  }),
  /** Why it ended unsent, or why an attempt failed. `code` is stable. */
  reason: z.object({ code: z.string(), detail: z.string() }).optional(),
  /** WhatsApp's id of the attempt that was sent. */
  providerMessageId: z.string().optional(),
  /** Not before this moment will it be tried again. */
  nextAttemptAt: z.iso.datetime().optional(),
})
export type MessageEvent = Readonly<z.infer<typeof MessageEvent>>
