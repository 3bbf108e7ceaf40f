import { z } from 'zod'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { EventEnvelope } from './reduce-event.ts'

export const evolutionEventOperations = {
  '/v1/evolution/events': {
    post: {
      id: 'receiveEvolutionEvent',
      summary: 'Take an event of Evolution API',
      description:
        'Its webhook for receipts and connections, with the secret of the instance. Nobody else has a use for it.',
      caller: 'evolution',
      body: {
        schema: EventEnvelope,
        examples: {
          receipt: {
            event: 'messages.update',
            instance: EXAMPLE.instance,
            data: { keyId: '3EB0C5A277F7F9B6C599', remoteJid: '5511999991000@s.whatsapp.net', status: 'DELIVERY_ACK' },
          },
          connection: { event: 'connection.update', instance: EXAMPLE.instance, data: { state: 'open' } },
        },
      },
      answers: {
        200: {
          description: 'It is in the log, or of no use.',
          schema: z.object({ stored: z.boolean() }),
          example: { stored: true },
        },
      },
    },
  },
} as const satisfies Operations
