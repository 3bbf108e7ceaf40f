import { InstanceName, TEXT_LENGTH_MAX } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { parse, parseBody } from '../http/parse.ts'
import { acceptedOrRefuse } from '../messages/accepted-or-refuse.ts'
import { MessageText } from '../messages/message-text.ts'
import { numbersOnly, type RecipientSchema } from '../messages/recipient.ts'
import type { SendMessage, SendMessageResult } from '../messages/send-message.ts'

/** `POST /whatsappsender/message` of the system before this one, in both spellings of its fields. */
export function legacyMessageRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  sendMessage: SendMessage
  onResult(result: SendMessageResult, requestId: string): void
}): RequestHandler {
  const LegacyBody = z.object({
    instance: InstanceName,
    recipient_number: numbersOnly(o.recipient),
    message: MessageText,
  })
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const idempotencyKey = idempotencyKeyOf(req)
    const { labels, callersNames, ...spelled } = parseBody(LegacyMessageBody, req)
    const { instance, recipient_number: to, message: text } = parse(LegacyBody, spelled, callersNames)
    const said = { type: 'text', content: { text } } as const
    const command = { principal, instance, to, ...said, labels, onAmbiguous: undefined, idempotencyKey }
    const result = await o.sendMessage(command)
    o.onResult(result, String(res.getHeader('Request-Id')))
    const { id, isReplay } = acceptedOrRefuse(result)
    if (isReplay) res.setHeader('Idempotent-Replayed', 'true')
    res.status(202).location(`/v1/messages/${id}`)
    res.json({ messageId: id, status: 'accepted', message: 'Message accepted.' })
  }
}

/** Base64 has 4 characters for the 3 bytes that a character has at most; what is over is for line breaks. */
const MESSAGE_LENGTH_MAX = TEXT_LENGTH_MAX * 5

const Label = z.string().max(256).nullish()

/** Judged once it is known which spelling was used. */
const Spelled = z.unknown().meta({ override: { type: 'string' } })

/** Both spellings brought to one. What else the old clients send has always been dropped in silence. */
export const LegacyMessageBody = z
  .object({
    instance: Spelled.optional(),
    sender_instance: Spelled.optional(),
    recipient_number: Spelled.optional(),
    receiver_number: Spelled.optional(),
    message: z.string().max(MESSAGE_LENGTH_MAX),
    is_message_base64: z.boolean().nullish(),
    sender_name: Label,
    receiver_name: Label,
    attachment_path: z
      .union(
        [z.literal(''), z.null()],
        'is not taken here: upload the file with POST /v1/media, and send it by its id with POST /v1/messages',
      )
      .optional(),
  })
  .transform((body, ctx) => {
    const message = body.is_message_base64 ? decodeBase64(body.message) : body.message
    if (message === undefined) {
      ctx.addIssue({ code: 'custom', path: ['message'], message: 'must be base64 of UTF-8 text' })
      return z.NEVER
    }
    return {
      instance: body.instance === undefined ? body.sender_instance : body.instance,
      recipient_number: body.recipient_number === undefined ? body.receiver_number : body.recipient_number,
      message,
      callersNames: {
        ...(body.instance === undefined && body.sender_instance !== undefined && { instance: 'sender_instance' }),
        ...(body.recipient_number === undefined &&
          body.receiver_number !== undefined && { recipient_number: 'receiver_number' }),
      },
      labels: {
        ...(body.sender_name && { senderName: body.sender_name }),
        ...(body.receiver_name && { receiverName: body.receiver_name }),
      },
    }
  })

function decodeBase64(text: string): string | undefined {
  // Without the line breaks first: a pattern that allows for them can be made to try every place of every run of blanks.
  const digits = text.replaceAll(/\s/g, '')
  if (!/^[\w+/-]*={0,2}$/.test(digits)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(digits, 'base64'))
  } catch {
    return undefined
  }
}
