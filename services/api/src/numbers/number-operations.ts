import { z } from 'zod'
import { numbersOnly, type RecipientSchema } from '../messages/recipient.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { checkNumbersBody } from './check-numbers.route.ts'

const CheckedNumbers = z
  .object({
    instance: z.string(),
    numbers: z.array(
      z.object({ number: z.string(), exists: z.boolean(), jid: z.string().optional().describe("WhatsApp's own id.") }),
    ),
  })
  .meta({ id: 'CheckedNumbers' })

export function numberOperations(recipient: RecipientSchema) {
  return {
    '/v1/numbers/check': {
      post: {
        id: 'checkNumbers',
        summary: 'Ask which numbers are on WhatsApp',
        description: 'Through an instance that is connected. Each number is answered once, in the order given.',
        caller: 'messages:send',
        perInstance: true,
        body: {
          schema: checkNumbersBody(numbersOnly(recipient)),
          examples: { two: { instance: EXAMPLE.instance, numbers: [EXAMPLE.number, '+5511999990404'] } },
        },
        answers: {
          200: {
            description: 'What WhatsApp says.',
            schema: CheckedNumbers,
            example: {
              instance: EXAMPLE.instance,
              numbers: [
                { number: EXAMPLE.number, exists: true, jid: '5511999991000@s.whatsapp.net' },
                { number: '+5511999990404', exists: false },
              ],
            },
          },
        },
        problems: ['instance-not-found', 'instance-not-connected', 'evolution-failed'],
      },
    },
  } as const satisfies Operations
}
