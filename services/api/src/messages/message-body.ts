import {
  CONTACTS_MAX,
  CONTENTS,
  ContactCard,
  digitVariantsOf,
  InstanceName,
  MENTIONS_MAX,
  type MessageReference,
  type MessageType,
  type PhoneNumber,
} from '@whatsapp-sender/contract'
import { z } from 'zod'
import { callersOwn, faultsOfTimes, sendingOptions } from './message-options.ts'
import { MessageText } from './message-text.ts'
import type { RecipientSchema } from './recipient.ts'

/**
 * The bodies of `POST /v1/messages`: what all messages have, and beside it what the kind says. Numbers in a content are
 * read as those of recipients are.
 */
export function createMessageBodies(recipient: RecipientSchema) {
  const general = {
    instance: InstanceName,
    to: recipient,
    ...sendingOptions,
    ...callersOwn,
    validateOnly: z.boolean().optional(),
  }
  const mentions = z.union([z.literal('everyone'), z.array(recipient).min(1).max(MENTIONS_MAX)]).optional()
  const phone = recipient.refine((number) => isLongEnough(number), 'must have at least 10 digits')
  const contacts = z
    .array(z.strictObject({ ...ContactCard.shape, phone }))
    .min(1)
    .max(CONTACTS_MAX)

  const text = z
    .strictObject({
      ...general,
      type: z.literal('text').default('text'),
      ...CONTENTS.text.shape,
      text: MessageText,
      mentions,
    })
    .superRefine(checkTimes)
  const others = z
    .discriminatedUnion(
      'type',
      [
        kind('image', { ...CONTENTS.image.shape, mentions }),
        kind('video', { ...CONTENTS.video.shape, mentions }),
        kind('document', { ...CONTENTS.document.shape, mentions }),
        kind('audio', CONTENTS.audio.shape),
        kind('voice', CONTENTS.voice.shape),
        kind('sticker', CONTENTS.sticker.shape),
        kind('roundVideo', CONTENTS.roundVideo.shape),
        kind('location', CONTENTS.location.shape),
        kind('contacts', { contacts }),
        kind('reaction', CONTENTS.reaction.shape).refine(({ to, target }) => isIn(target, to), {
          path: ['target', 'remoteJid'],
          message: 'must be the chat with "to"',
        }),
        kind('poll', CONTENTS.poll.shape),
        kind('list', CONTENTS.list.shape),
        kind('buttons', CONTENTS.buttons.shape),
        kind('template', CONTENTS.template.shape),
      ],
      `must be one of ${Object.keys(CONTENTS).join(', ')}`,
    )
    .superRefine(checkTimes)

  function kind<T extends MessageType, S extends z.ZodRawShape>(type: T, content: S) {
    return z.strictObject({ ...general, type: z.literal(type), ...content })
  }

  return {
    /** Of a kind that it names, which is a text if it names none. */
    of: (body: unknown) => (typeOf(body) === 'text' ? text : others),
  }
}

export type MessageBody = z.infer<ReturnType<ReturnType<typeof createMessageBodies>['of']>>

/** Apart: what all messages may have, and what this kind says. */
export function partsOf(body: MessageBody) {
  const {
    instance,
    to,
    onAmbiguous,
    sendAt,
    expiresAt,
    ttlSeconds,
    priority,
    reference,
    metadata,
    validateOnly: _only,
    type,
    ...content
  } = body
  const options = { onAmbiguous, sendAt, expiresAt, ttlSeconds, priority, reference, metadata }
  return { instance, to, type, content, ...options }
}

function typeOf(body: unknown): unknown {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  return isObject && 'type' in body && body.type !== undefined ? body.type : 'text'
}

/** A reaction counts for the pace of its recipient, so it must not reach another. An `@lid` tells no number. */
function isIn(target: MessageReference, to: PhoneNumber): boolean {
  if (typeof target === 'string' || target.remoteJid === undefined) return true
  const [user = '', server] = target.remoteJid.split('@')
  return server === 'lid' || digitVariantsOf(to).includes(user)
}

/** Evolution takes no shorter ones for the number of a card. */
function isLongEnough(number: PhoneNumber): boolean {
  return ContactCard.shape.phone.safeParse(number).success
}

function checkTimes(body: Parameters<typeof faultsOfTimes>[0], ctx: z.RefinementCtx): void {
  for (const { field, message } of faultsOfTimes(body)) ctx.addIssue({ code: 'custom', path: [field], message })
}
