import type { ZodOpenApiComponentsObject } from 'zod-openapi'

const text = { type: 'string' } as const

/** Every header of an answer that means something to its reader. */
export const RESPONSE_HEADERS = {
  'Request-Id': {
    description:
      'Finds the request in the log. It is the `Request-Id` of the request, if that had one that can be kept.',
    schema: text,
    example: '0b9e4c7e-5d2a-4a53-9a0e-3c1d0b8a6f11-4x',
  },
  'RateLimit-Policy': {
    description: 'The limits that hold for this caller. Left out where there are none.',
    schema: text,
    example: '"user";q=600;w=60',
  },
  RateLimit: {
    description:
      'Requests that are left (`r`), and seconds until there are more (`t`). Left out where there is no limit.',
    schema: text,
    example: '"user";r=599;t=1',
  },
  'Retry-After': {
    description: 'Seconds; repeating sooner gains nothing. Left out where waiting changes nothing.',
    schema: { type: 'integer', minimum: 1 },
    example: 5,
  },
  'WWW-Authenticate': {
    description: 'How to authenticate.',
    schema: text,
    example: 'Bearer realm="whatsapp-sender"',
  },
  Location: {
    description: 'The path of what was made.',
    schema: text,
    example: '/v1/messages/0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11',
  },
  'Idempotent-Replayed': {
    description: '`true`: an earlier call with this `Idempotency-Key` has done it; this one has added nothing.',
    schema: text,
    example: 'true',
  },
  'Preference-Applied': {
    description: 'What of `Prefer` was heeded.',
    schema: text,
    example: 'respond-async',
  },
} as const satisfies ZodOpenApiComponentsObject['headers']

export type ResponseHeader = keyof typeof RESPONSE_HEADERS

/** References to them. */
export function headersOf(names: readonly ResponseHeader[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
