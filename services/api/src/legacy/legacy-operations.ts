import { z } from 'zod'
import { Connection, exampleOfConnection } from '../instances/instance-operations.ts'
import { numbersOnly, type RecipientSchema } from '../messages/recipient.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { legacyLoginBody } from './legacy-login.route.ts'
import { LegacyMessageBody } from './legacy-message.route.ts'

const LegacyAccepted = z.object({ messageId: z.uuid(), status: z.literal('accepted'), message: z.string() })

const LegacyConnection = Connection.extend({ instance: z.string(), message: z.string() })

export function legacyOperations(recipient: RecipientSchema) {
  return {
    '/whatsappsender/message': {
      post: {
        id: 'legacySendMessage',
        summary: "Send a text, as the older system's clients do",
        caller: 'messages:send',
        perInstance: true,
        headers: ['Idempotency-Key'],
        body: {
          schema: LegacyMessageBody,
          examples: {
            text: { instance: EXAMPLE.instance, recipient_number: EXAMPLE.number, message: 'Your order has left.' },
            older: {
              sender_instance: EXAMPLE.instance,
              receiver_number: EXAMPLE.number,
              message: 'WW91ciBvcmRlciBoYXMgbGVmdC4=',
              is_message_base64: true,
            },
          },
        },
        answers: {
          202: {
            description: 'It will be sent.',
            schema: LegacyAccepted,
            example: { messageId: EXAMPLE.message, status: 'accepted', message: 'Message accepted.' },
            headers: ['Location', 'Idempotent-Replayed'],
          },
        },
        problems: ['instance-not-found', 'idempotency-key-reused', 'suppressed', 'overloaded', 'accept-unknown'],
      },
    },
    '/whatsappsender/login': {
      post: {
        id: 'legacyConnectInstance',
        summary: "Make and connect an instance, as the older system's clients do",
        caller: 'instances:manage',
        body: {
          schema: legacyLoginBody(numbersOnly(recipient)),
          examples: { phone: { phone_number: '+5511988887000', instance_name: 'till' } },
        },
        answers: {
          200: {
            description: 'Scan the QR code.',
            schema: LegacyConnection,
            example: { instance: 'till', ...exampleOfConnection, message: 'Scan the QR code with WhatsApp.' },
          },
        },
        problems: ['instance-name-taken', 'evolution-failed'],
      },
    },
  } as const satisfies Operations
}
