import { z } from 'zod'
import { Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import { ONCE_HEADERS, ONCE_PROBLEMS } from '../openapi/once.ts'
import type { Operations } from '../openapi/operation.ts'
import { ChangeEvolutionServerBody, CreateEvolutionServerBody, EvolutionServerParams } from './evolution-server-body.ts'

const EvolutionServer = z
  .object({
    name: z.string(),
    url: z.string(),
    isDefault: z.boolean().describe('New instances are made here, unless they say otherwise.'),
    source: z
      .enum(['environment', 'api'])
      .describe('`environment`: of `EVOLUTION_API_URL`, and not to be changed here.'),
    keyUnreadable: z.literal(true).optional().describe('Nothing is sent to it until it has a new key.'),
    createdAt: Time.optional(),
    updatedAt: Time.optional(),
  })
  .meta({ id: 'EvolutionServer' })

const ofEnvironment = { name: 'default', url: 'http://evolution:8080', isDefault: true, source: 'environment' }
const second = {
  name: 'second',
  url: 'https://evolution.example.com',
  isDefault: false,
  source: 'api',
  createdAt: EXAMPLE.time,
  updatedAt: EXAMPLE.time,
}

const caller = 'evolution-servers'
const params = EvolutionServerParams

export const evolutionServerOperations = {
  '/v1/admin/evolution-servers': {
    get: {
      id: 'listEvolutionServers',
      summary: 'List Evolution servers',
      description: 'The one of the environment first. There are 51 at most, so there are no pages and no `next`.',
      caller,
      answers: {
        200: {
          description: 'All of them.',
          schema: z.object({ data: z.array(EvolutionServer) }),
          example: { data: [ofEnvironment, second] },
        },
      },
    },
    post: {
      id: 'createEvolutionServer',
      summary: 'Add an Evolution server',
      description: 'Its key is never shown again.',
      caller,
      body: {
        schema: CreateEvolutionServerBody,
        examples: { second: { name: second.name, url: second.url, apiKey: '429683C4C977415CAAFCCE10F7D57E11' } },
      },
      headers: [...ONCE_HEADERS],
      answers: {
        201: {
          description: 'The server.',
          schema: EvolutionServer,
          example: second,
          headers: ['Location', 'Idempotent-Replayed'],
        },
      },
      problems: ['evolution-server-name-taken', 'evolution-server-limit', ...ONCE_PROBLEMS],
    },
  },
  '/v1/admin/evolution-servers/:name': {
    get: {
      id: 'readEvolutionServer',
      summary: 'Read an Evolution server',
      caller,
      params,
      exampleOf: { name: ofEnvironment.name },
      answers: { 200: { description: 'The server.', schema: EvolutionServer, example: ofEnvironment } },
      problems: ['evolution-server-not-found'],
    },
    patch: {
      id: 'changeEvolutionServer',
      summary: 'Change an Evolution server',
      description: 'A server stops being the default when another one becomes it.',
      caller,
      params,
      exampleOf: { name: second.name },
      body: {
        schema: ChangeEvolutionServerBody,
        examples: { move: { url: second.url, apiKey: 'B6D711FCDE4D4FD5936544120E713976' } },
      },
      answers: { 200: { description: 'The server as it is now.', schema: EvolutionServer, example: second } },
      problems: ['evolution-server-not-found', 'evolution-server-fixed'],
    },
    delete: {
      id: 'removeEvolutionServer',
      summary: 'Remove an Evolution server',
      description: 'Only one without instances, which is not the default.',
      caller,
      params,
      exampleOf: { name: second.name },
      answers: { 204: { description: 'It is gone.' } },
      problems: ['evolution-server-not-found', 'evolution-server-fixed', 'evolution-server-in-use'],
    },
  },
  '/v1/admin/evolution-servers/:name/check': {
    post: {
      id: 'checkEvolutionServer',
      summary: 'Ask an Evolution server how it is',
      description: 'Now: its version, and whether it takes our key.',
      caller,
      params,
      exampleOf: { name: ofEnvironment.name },
      answers: {
        200: {
          description: 'It answers.',
          schema: z.object({ name: z.string(), version: z.string().nullable(), latencyMs: z.int() }),
          example: { name: ofEnvironment.name, version: '2.3.6', latencyMs: 12 },
        },
      },
      problems: ['evolution-server-not-found', 'evolution-failed'],
    },
  },
} as const satisfies Operations
