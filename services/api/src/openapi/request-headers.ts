import type { ZodOpenApiComponentsObject } from 'zod-openapi'
import type { RequestHeader } from './operation.ts'

/** By their names without hyphens, which no component may be called by. */
export const REQUEST_HEADERS = {
  IdempotencyKey: {
    in: 'header',
    name: 'Idempotency-Key',
    description:
      'Yours, such as the number of the order. A call with the same key and the same body adds nothing and gets the ' +
      'same answer: of messages and campaigns for as long as they are kept, of all else for a day.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]{1,255}$' },
  },
  LastEventID: {
    in: 'header',
    name: 'Last-Event-ID',
    description: 'The last `id` that you saw: the stream goes on after it.',
    schema: { type: 'string' },
  },
  Prefer: {
    in: 'header',
    name: 'Prefer',
    description: '`respond-async`: it is done beside the request, with no bound, and shown as an operation.',
    schema: { type: 'string' },
  },
} as const satisfies ZodOpenApiComponentsObject['parameters']

export function referenceTo(header: RequestHeader) {
  return { $ref: `#/components/parameters/${header.replaceAll('-', '')}` }
}
