import { CONTENTS, MESSAGE_STATUSES, OnAmbiguous, Priority } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'

export const Reason = z
  .object({ code: z.string().describe('Stable.'), detail: z.string() })
  .describe('Why it ended unsent.')

export const Action = z.object({
  at: Time,
  by: z.string().describe('Id of a user.'),
  action: z.enum(['cancel', 'reschedule', 'replay', 'discard']),
  operation: z.uuid().optional().describe('Id of the operation that did it for him.'),
})

export const Type = z.enum(Object.keys(CONTENTS))

const Attempt = z.object({
  number: z.int(),
  startedAt: Time,
  durationMs: z.number(),
  outcome: z
    .enum(['sent', 'retry', 'failed', 'dead-lettered', 'unknown', 'released'])
    .describe('`released`: ended without an answer about this message, so it is not counted.'),
  error: z
    .object({ kind: z.string(), code: z.string(), detail: z.string(), httpStatus: z.int().optional() })
    .optional(),
})

const WaitingFor = z.enum([
  'schedule',
  'pace',
  'quiet-hours',
  'daily-cap',
  'instance',
  'paused',
  'campaign',
  'retry',
  'recipient',
])

const times = {
  acceptedAt: Time,
  sendAt: Time.optional(),
  expiresAt: Time.optional(),
  sentAt: Time.optional(),
  deliveredAt: Time.optional(),
  readAt: Time.optional(),
  playedAt: Time.optional(),
  failedAt: Time.optional(),
}

const general = {
  id: z.uuid(),
  instance: z.string(),
  to: z.string().optional().describe('E.164, or a JID; left out of what was erased.'),
  erased: Time.optional().describe('Since then nothing is kept of its recipient and content.'),
  redacted: Time.optional().describe('Since then its content is not kept.'),
  type: Type,
  status: z.enum(MESSAGE_STATUSES),
  reason: Reason.optional(),
  stuck: z.literal(true).optional().describe('Sent a while ago, and no receipt has come.'),
  priority: Priority,
  reference: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  batch: z.uuid().optional(),
  campaign: z.uuid().optional(),
  waitingFor: WaitingFor.optional().describe('Why it has not left yet.'),
  expectedAt: Time.optional().describe('The earliest it can leave; left out where nobody can know.'),
  nextAttemptAt: Time.optional(),
  providerMessageId: z.string().optional().describe("WhatsApp's id."),
  ...times,
}

/** One of the two says where it is. */
const File = z.object({
  url: z.string().optional(),
  id: z.uuid().optional().describe('Of a file that was uploaded.'),
  mimetype: z.string().optional(),
  fileName: z.string().optional(),
})

/** What any kind says; which fields a message has is up to its `type`. */
export function contentFields(): Record<string, z.ZodType> {
  const fields = new Map<string, Set<z.ZodType>>()
  for (const [name, field] of Object.values(CONTENTS).flatMap(({ shape }) => Object.entries<z.ZodType>(shape))) {
    fields.set(name, (fields.get(name) ?? new Set()).add(field))
  }
  fields.set('media', new Set([File]))
  return Object.fromEntries([...fields].map(([name, schemas]) => [name, oneOf([...schemas]).optional()]))
}

function oneOf(schemas: readonly z.ZodType[]): z.ZodType {
  const [first, ...others] = schemas
  return first !== undefined && others.length === 0 ? first : z.union(schemas)
}

/** A message's whole life. */
export const MessageLife = z.object({
  ...contentFields(),
  ...general,
  resolvedTo: z.string().optional().describe('Where WhatsApp sent it to, if to another address.'),
  traceId: z.string().optional().describe('Of its trace, if it is traced.'),
  onAmbiguous: OnAmbiguous,
  labels: z
    .object({ senderName: z.string().optional(), receiverName: z.string().optional() })
    .optional()
    .describe('Of the older system.'),
  attempts: z.array(Attempt).describe('The last 20, oldest first.'),
  actions: z.array(Action).optional().describe('What users did to it; the last 20, oldest first.'),
  conflicts: z
    .array(z.object({ at: Time }))
    .optional()
    .describe('Others that came under its `Idempotency-Key` and were not taken.'),
})

export const Message = MessageLife.meta({ id: 'Message' })

export const ListedMessage = z
  .object({ ...general, attemptsCount: z.int(), createdAt: Time.describe('When it came into the ledger.') })
  .meta({ id: 'ListedMessage' })

export const exampleOfMessage = {
  text: 'Your order has left.',
  id: EXAMPLE.message,
  instance: EXAMPLE.instance,
  to: EXAMPLE.number,
  type: 'text',
  status: 'delivered',
  priority: 'normal',
  onAmbiguous: 'resend',
  reference: 'order 7',
  attempts: [{ number: 1, startedAt: EXAMPLE.time, durationMs: 214, outcome: 'sent' }],
  providerMessageId: '3EB0C5A277F7F9B6C599',
  acceptedAt: EXAMPLE.time,
  sentAt: EXAMPLE.time,
  deliveredAt: EXAMPLE.later,
}

export const exampleOfListed = {
  id: EXAMPLE.message,
  instance: EXAMPLE.instance,
  to: EXAMPLE.number,
  type: 'text',
  status: 'delivered',
  priority: 'normal',
  reference: 'order 7',
  attemptsCount: 1,
  providerMessageId: '3EB0C5A277F7F9B6C599',
  acceptedAt: EXAMPLE.time,
  createdAt: EXAMPLE.time,
  sentAt: EXAMPLE.time,
  deliveredAt: EXAMPLE.later,
}
