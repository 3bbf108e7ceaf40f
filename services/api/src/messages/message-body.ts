import {
  CONTACTS_MAX,
  CONTENTS,
  ContactCard,
  digitVariantsOf,
  InstanceName,
  isPhoneNumber,
  MENTIONS_MAX,
  type MessageReference,
  type MessageType,
  type PhoneNumber,
  type Recipient,
} from '@whatsapp-sender/contract'
import { z } from 'zod'
import { callersOwn, faultOfRecipient, faultsOfTimes, sendingOptions } from './message-options.ts'
import { MessageText } from './message-text.ts'
import { numbersOnly, type RecipientSchema } from './recipient.ts'

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
    validateOnly: z.boolean().optional().describe('It is judged as if it were sent, and nothing is queued.'),
  }
  const number = numbersOnly(recipient)
  const mentions = z.union([z.literal('everyone'), z.array(number).min(1).max(MENTIONS_MAX)]).optional()
  const phone = number.refine(isLongEnough, 'must have at least 10 digits')
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
    .superRefine(checkTogether)
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
    .superRefine(checkTogether)

  function kind<T extends MessageType, S extends z.ZodRawShape>(type: T, content: S) {
    return z.strictObject({ ...general, type: z.literal(type), ...content })
  }

  return {
    text,
    others,
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
    allowJid: _allowJid,
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
function isIn(target: MessageReference, to: Recipient): boolean {
  if (typeof target === 'string' || target.remoteJid === undefined) return true
  if (!isPhoneNumber(to)) return target.remoteJid === to
  const [user = '', server] = target.remoteJid.split('@')
  return server === 'lid' || digitVariantsOf(to).includes(user)
}

/** Evolution takes no shorter ones for the number of a card. */
function isLongEnough(number: PhoneNumber): boolean {
  return ContactCard.shape.phone.safeParse(number).success
}

type Together = Parameters<typeof faultsOfTimes>[0] & Parameters<typeof faultOfRecipient>[0]

function checkTogether(body: Together, ctx: z.RefinementCtx): void {
  const recipient = faultOfRecipient(body)
  if (recipient !== undefined) ctx.addIssue({ code: 'custom', path: ['to'], message: recipient })
  for (const { field, message } of faultsOfTimes(body)) ctx.addIssue({ code: 'custom', path: [field], message })
}
