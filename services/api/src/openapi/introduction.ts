/** What stands in front of all operations. */
export const INTRODUCTION = `Accepts WhatsApp messages, keeps each one until it is sent, and sends it through Evolution API.

- **Callers** send \`authorization: Bearer\` and an access token of \`POST /user/login\`, or an API key of \`POST /v1/api-keys\`. What an operation asks of an API key is the scope that its security names.
- **Errors** are \`application/problem+json\` (RFC 9457). Branch on \`code\`.
- **Lists** take \`limit\` and \`cursor\` and answer \`{data, next}\`. While \`next\` is not null there may be more: ask again with it as \`cursor\`.
- **Repeating**: where something is created, a call with an \`Idempotency-Key\` may be repeated, and one comes of it.
- Fields may be added to answers at any time. What a request has and the route does not know is refused.`

export const SECURITY_SCHEMES = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Of `POST /user/login`; works for some minutes. `POST /user/refresh` gives the next one.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'wsk_',
    description: 'Of `POST /v1/api-keys`; works until it is revoked, or over.',
  },
  webhookSecret: {
    type: 'apiKey',
    in: 'header',
    name: 'x-webhook-secret',
    description: 'The secret that Evolution API was given with an instance.',
  },
} as const
