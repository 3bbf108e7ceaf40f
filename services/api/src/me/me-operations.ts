import { OnAmbiguous, ROLES } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { exampleOfTokens, Tokens } from '../users/user-operations.ts'
import { ChangeMeBody } from './change-me.route.ts'
import { ChangePasswordBody } from './change-password.route.ts'
import { ListSessionsQuery } from './list-sessions.route.ts'
import { SessionParams } from './session-id.ts'

const Me = z
  .object({
    id: z.string(),
    email: z.string(),
    fullname: z.string(),
    role: z.enum(ROLES),
    onAmbiguous: OnAmbiguous,
    eventFeed: z
      .boolean()
      .nullable()
      .describe('Whether events tell of your messages; `null`: as the installation has it.'),
    createdAt: Time,
  })
  .meta({ id: 'Me' })

const Session = z
  .object({
    id: z.string(),
    address: z.string().nullable().describe('Where the login came from.'),
    createdAt: Time,
    lastUsedAt: Time,
    expiresAt: Time,
  })
  .meta({ id: 'Session' })

const exampleOfMe = {
  id: EXAMPLE.user,
  email: 'ana@example.com',
  fullname: 'Ana Souza',
  role: 'sender',
  onAmbiguous: 'resend',
  eventFeed: null,
  createdAt: EXAMPLE.time,
}

const exampleOfSession = {
  id: 'Zt1mB0hXn3Vq9sKd5wYfJg',
  address: '203.0.113.7',
  createdAt: EXAMPLE.time,
  lastUsedAt: EXAMPLE.later,
  expiresAt: '2026-03-02T12:00:01.977Z',
}

export const meOperations = {
  '/v1/me': {
    get: {
      id: 'readMe',
      summary: 'Read your profile',
      caller: 'account',
      answers: { 200: { description: 'You.', schema: Me, example: exampleOfMe } },
      problems: ['user-not-found'],
    },
    patch: {
      id: 'changeMe',
      summary: 'Change your profile',
      description: '`onAmbiguous` holds for messages that do not say it themselves.',
      caller: 'account',
      body: { schema: ChangeMeBody, examples: { both: { fullname: 'Ana Souza', onAmbiguous: 'hold' } } },
      answers: {
        200: { description: 'You as you are now.', schema: Me, example: { ...exampleOfMe, onAmbiguous: 'hold' } },
      },
      problems: ['user-not-found'],
    },
  },
  '/v1/me/password': {
    post: {
      id: 'changePassword',
      summary: 'Change your password',
      description: 'All sessions end, that of the caller too; the answer holds the tokens of a new one.',
      caller: 'account',
      body: {
        schema: ChangePasswordBody,
        examples: {
          change: { currentPassword: 'tiny horse eats 9 pears', newPassword: 'the old bridge hums at 4' },
        },
      },
      answers: { 200: { description: 'A new session.', schema: Tokens, example: exampleOfTokens } },
      problems: ['wrong-password', 'user-not-found', 'weak-password', 'overloaded'],
    },
  },
  '/v1/me/sessions': {
    get: {
      id: 'listSessions',
      summary: 'List your sessions',
      description: 'Newest first.',
      caller: 'account',
      query: ListSessionsQuery,
      answers: {
        200: { description: 'A page.', schema: pageOf(Session), example: { data: [exampleOfSession], next: null } },
      },
    },
  },
  '/v1/me/sessions/:id': {
    delete: {
      id: 'endSession',
      summary: 'End one of your sessions',
      description: 'Access tokens of all of them end with it; the others renew theirs with their refresh tokens.',
      caller: 'account',
      params: SessionParams,
      exampleOf: { id: exampleOfSession.id },
      answers: { 204: { description: 'It has ended.' } },
      problems: ['session-not-found'],
    },
  },
} as const satisfies Operations
