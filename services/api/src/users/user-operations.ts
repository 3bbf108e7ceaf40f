import { ROLES } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import { ONCE_HEADERS, ONCE_PROBLEMS } from '../openapi/once.ts'
import type { Operations } from '../openapi/operation.ts'
import { ChangeUserBody } from './change-user.route.ts'
import { ForgetBody } from './forget-password.route.ts'
import { ListUsersQuery } from './list-users.route.ts'
import { LogInBody } from './log-in.route.ts'
import { RedeemResetBody } from './redeem-password-reset.route.ts'
import { RefreshBody } from './refresh-session.route.ts'
import { SignUpBody } from './sign-up.route.ts'
import { UserParams } from './user-params.ts'

const Status = z.enum(['pending', 'approved', 'rejected'])

const User = z
  .object({
    id: z.string(),
    email: z.string(),
    fullname: z.string(),
    status: Status,
    role: z.enum(ROLES),
    createdAt: Time,
    reason: z.string().optional().describe('Why the account was approved or rejected.'),
    eventFeed: z
      .boolean()
      .optional()
      .describe("Whether events tell of the user's messages; left out: as the installation has it."),
  })
  .meta({ id: 'User' })

const SignedUp = User.pick({ id: true, email: true, fullname: true, status: true }).extend({ message: z.string() })

/** What a login gives. */
export const Tokens = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds for which the access token works.'),
    refresh_token: z.string().describe('Gives the next pair, once.'),
  })
  .meta({ id: 'Tokens' })

const ResetToken = z.object({ token: z.string(), expiresAt: Time })

export const exampleOfTokens = {
  access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI2NWYwIn0.c2lnbmF0dXJl',
  token_type: 'Bearer',
  expires_in: 900,
  refresh_token: 'Zt1mB0hXn3Vq9sKd5wYfJg.Qm8hTz6rLc2pWv4xNe0uAi',
}

const ana = { id: EXAMPLE.user, email: 'ana@example.com', fullname: 'Ana Souza' }
const exampleOfUser = { ...ana, status: 'approved', role: 'sender', createdAt: EXAMPLE.time }

export const userOperations = {
  '/user/signup': {
    post: {
      id: 'signUp',
      summary: 'Ask for an account',
      description: 'An administrator has to approve it before its owner can log in.',
      caller: 'anybody',
      body: {
        schema: SignUpBody,
        examples: {
          account: { fullname: 'Ana Souza', email: 'ana@example.com', password: 'tiny horse eats 9 pears' },
        },
      },
      answers: {
        201: {
          description: 'The account waits for approval.',
          schema: SignedUp,
          example: {
            ...ana,
            status: 'pending',
            message: 'User created successfully. An administrator has to approve the account.',
          },
        },
      },
      problems: ['weak-password', 'email-taken', 'too-many-requests', 'overloaded'],
    },
  },
  '/user/login': {
    post: {
      id: 'logIn',
      summary: 'Log in',
      caller: 'anybody',
      body: {
        schema: LogInBody,
        examples: { login: { email: 'ana@example.com', password: 'tiny horse eats 9 pears' } },
      },
      answers: { 200: { description: 'A new session.', schema: Tokens, example: exampleOfTokens } },
      problems: ['wrong-credentials', 'not-approved', 'too-many-requests', 'overloaded'],
    },
  },
  '/user/refresh': {
    post: {
      id: 'refreshSession',
      summary: 'Get new tokens',
      description: 'A refresh token works once; used a second time, it ends its session.',
      caller: 'anybody',
      body: { schema: RefreshBody, examples: { token: { refresh_token: exampleOfTokens.refresh_token } } },
      answers: { 200: { description: 'The next pair.', schema: Tokens, example: exampleOfTokens } },
      problems: ['unauthenticated'],
    },
  },
  '/user/logout': {
    post: {
      id: 'logOut',
      summary: 'End all of your sessions',
      caller: 'account',
      answers: { 204: { description: 'They have ended.' } },
    },
  },
  '/user/password-forgotten': {
    post: {
      id: 'forgetPassword',
      summary: 'Ask for a token to set a new password',
      description: 'It is mailed to the account, if there is one. The answer is the same if there is none.',
      caller: 'anybody',
      body: { schema: ForgetBody, examples: { email: { email: 'ana@example.com' } } },
      answers: {
        202: {
          description: 'The token is on its way, if there is such an account.',
          schema: z.object({ message: z.string() }),
          example: { message: 'If there is such an account, a token is on its way to it.' },
        },
      },
      problems: ['mail-off', 'too-many-requests'],
    },
  },
  '/user/password-reset': {
    post: {
      id: 'redeemPasswordReset',
      summary: "Set a password with an administrator's token",
      description: 'Ends every session of the user. A password that is refused does not use the token up.',
      caller: 'anybody',
      body: {
        schema: RedeemResetBody,
        examples: { reset: { token: 'h0Zs8Vb2Lq4xTn6mRw1kYc3d', password: 'the old bridge hums at 4' } },
      },
      answers: { 204: { description: 'The password is set.' } },
      problems: ['unauthenticated', 'weak-password', 'too-many-requests', 'overloaded'],
    },
  },
  '/v1/users': {
    get: {
      id: 'listUsers',
      summary: 'List users',
      caller: 'users',
      query: ListUsersQuery,
      exampleOf: { status: 'pending' },
      answers: {
        200: { description: 'A page.', schema: pageOf(User), example: { data: [exampleOfUser], next: null } },
      },
    },
  },
  '/v1/users/:id': {
    patch: {
      id: 'changeUser',
      summary: 'Approve, reject or change a user',
      description: '`reason` goes with `status`. Nobody reviews his own account, and one administrator has to remain.',
      caller: 'users',
      params: UserParams,
      exampleOf: { id: EXAMPLE.user },
      body: {
        schema: ChangeUserBody,
        examples: {
          approve: { status: 'approved' },
          reject: { status: 'rejected', reason: 'Not of this company.' },
          role: { role: 'viewer' },
          events: { eventFeed: true },
        },
      },
      answers: { 200: { description: 'The user as he is now.', schema: User, example: exampleOfUser } },
      problems: ['user-not-found', 'last-admin'],
    },
  },
  '/v1/users/:id/password-reset': {
    post: {
      id: 'issuePasswordReset',
      summary: 'Make a token for a new password',
      description: 'The administrator hands it on; the user redeems it. A newer one takes its place.',
      caller: 'users',
      params: UserParams,
      exampleOf: { id: EXAMPLE.user },
      headers: [...ONCE_HEADERS],
      answers: {
        201: {
          description: 'Shown this once.',
          schema: ResetToken,
          example: { token: 'h0Zs8Vb2Lq4xTn6mRw1kYc3d', expiresAt: EXAMPLE.later },
          headers: ['Idempotent-Replayed'],
        },
      },
      problems: ['user-not-found', ...ONCE_PROBLEMS],
    },
  },
} as const satisfies Operations
