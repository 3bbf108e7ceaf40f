import { SCOPES } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import { ONCE_HEADERS, ONCE_PROBLEMS } from '../openapi/once.ts'
import type { Operations } from '../openapi/operation.ts'
import { ApiKeyParams } from './api-key-id.ts'
import { CreateApiKeyBody } from './create-api-key.route.ts'
import { ListApiKeysQuery } from './list-api-keys.route.ts'

const ApiKey = z
  .object({
    id: z.string(),
    prefix: z.string().describe('What the key begins with.'),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    instances: z.array(z.string()).nullable().describe('Names of those that it is limited to; `null`: all.'),
    createdAt: Time,
    expiresAt: Time.nullable(),
    lastUsedAt: Time.nullable(),
  })
  .meta({ id: 'ApiKey' })

const CreatedApiKey = ApiKey.extend({ key: z.string().describe('Shown this once.') })

const exampleOfKey = {
  id: '0f3c5a7b9d1e2f40',
  prefix: 'wsk_0f3c5a7b9d1e2f40',
  name: 'shop',
  scopes: ['messages:send', 'messages:read'],
  instances: null,
  createdAt: EXAMPLE.time,
  expiresAt: null,
  lastUsedAt: null,
}

export const apiKeyOperations = {
  '/v1/api-keys': {
    get: {
      id: 'listApiKeys',
      summary: 'List your API keys',
      description: 'Newest first. One that is over stays for 30 days.',
      caller: 'account',
      query: ListApiKeysQuery,
      answers: {
        200: { description: 'A page.', schema: pageOf(ApiKey), example: { data: [exampleOfKey], next: null } },
      },
    },
    post: {
      id: 'createApiKey',
      summary: 'Make an API key',
      description: 'It acts for you, and never beyond your role. It goes where an access token goes.',
      caller: 'account',
      body: {
        schema: CreateApiKeyBody,
        examples: {
          sending: { name: 'shop', scopes: ['messages:send', 'messages:read'] },
          limited: { name: 'till 4', scopes: ['messages:send'], instances: ['sales'] },
        },
      },
      headers: [...ONCE_HEADERS],
      answers: {
        201: {
          description: 'The key.',
          schema: CreatedApiKey,
          example: { ...exampleOfKey, key: 'wsk_0f3c5a7b9d1e2f40_Vb2Lq4xTn6mRw1kYc3dZs8h0' },
          headers: ['Idempotent-Replayed'],
        },
      },
      problems: ['too-many-api-keys', ...ONCE_PROBLEMS],
    },
  },
  '/v1/api-keys/:id': {
    delete: {
      id: 'revokeApiKey',
      summary: 'Revoke an API key',
      caller: 'account',
      params: ApiKeyParams,
      exampleOf: { id: exampleOfKey.id },
      answers: { 204: { description: 'It is refused from now on.' } },
      problems: ['api-key-not-found'],
    },
  },
} as const satisfies Operations
