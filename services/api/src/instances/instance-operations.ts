import {
  Channel,
  CheckNumber,
  INSTANCE_ACCESS,
  InstanceState,
  ManagedBy,
  Pace,
  RetryPolicy,
} from '@whatsapp-sender/contract'
import { z } from 'zod'
import { PageQuery } from '../http/page-query.ts'
import { numbersOnly, type RecipientSchema } from '../messages/recipient.ts'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import { ONCE_HEADERS, ONCE_PROBLEMS } from '../openapi/once.ts'
import type { Operations } from '../openapi/operation.ts'
import { changeInstanceBody } from './change-instance.route.ts'
import { ChangeManagerBody } from './change-manager.route.ts'
import { ChangeOwnerBody } from './change-owner.route.ts'
import { ConnectQuery } from './connect-instance.route.ts'
import { createInstanceBody } from './create-instance.route.ts'
import { InstanceParams } from './instance-params.ts'
import { RemoveInstanceQuery } from './remove-instance.route.ts'
import { ShareBody } from './share-instance.route.ts'
import { ShareParams } from './shares-of.route.ts'

const Holding = z.object({
  reason: z.enum(['paused', 'instance', 'breaker', 'silence', 'quiet-hours', 'daily-cap']),
  until: Time.optional().describe('Left out where nobody can know.'),
})

const Today = z.object({
  day: z.iso.date(),
  used: z.int().optional(),
  cap: z.int().optional(),
  newContactsUsed: z.int().optional(),
  newContactsCap: z.int().optional(),
})

const Instance = z
  .object({
    name: z.string(),
    owner: z.string().describe('Id of a user.'),
    access: z.enum(INSTANCE_ACCESS).optional().describe('What its owner lets you do with it; left out: it is yours.'),
    number: z.string().optional().describe('As its owner said.'),
    connectedNumber: z
      .string()
      .optional()
      .describe('Of the phone that it is connected with. Told to who manages it only.'),
    kind: z.enum(['whatsapp', 'sandbox']).describe('`sandbox`: it reaches no phone.'),
    channel: Channel,
    evolutionServer: z.string().describe('Where it is.'),
    state: InstanceState,
    stateStale: z.literal(true).optional().describe('Evolution API could not be asked: `state` is the last known.'),
    qrNeededAt: Time.optional().describe('Since then it has had no login: connect a phone.'),
    pace: Pace,
    retry: RetryPolicy,
    checkNumber: CheckNumber,
    paused: z.boolean(),
    managedBy: ManagedBy.optional().describe('Its settings and its owner are changed there, and nowhere else.'),
    ownerEmail: z.string().optional().describe('Told to who manages it only.'),
    ownSettings: z
      .object({
        pace: Pace.nullable(),
        retry: RetryPolicy.nullable(),
        evolutionKeyDigest: z.string().describe('Changes with the key that Evolution API is shown for it.'),
      })
      .optional()
      .describe('Told to who manages it only; `null`: the default of the installation holds.'),
    holding: Holding.optional().describe('What holds all of its messages now.'),
    today: Today.optional().describe("How much of the day's caps is used."),
    configurationError: z.string().optional().describe('Code of why nothing can be sent through it.'),
    createdAt: Time,
  })
  .meta({ id: 'Instance' })

/** An instance's way to its phone. */
export const Connection = z
  .object({
    state: z.enum(['open', 'connecting']),
    qr: z
      .object({ code: z.string(), png: z.string().describe('A data URL.') })
      .optional()
      .describe('Left out while WhatsApp has given none yet.'),
    pairingCode: z.string().optional().describe('To type in on the phone, if the instance has its number.'),
  })
  .meta({ id: 'Connection' })

/** What is answered while a phone is being connected. */
export const exampleOfConnection = {
  state: 'connecting',
  qr: { code: '2@Yk3vT9xQ1c,8sWq2LmN,0pZrB7==', png: 'data:image/png;base64,iVBORw0KGgo=' },
  pairingCode: 'WZYE-H1YY',
}

const exampleOfInstance = {
  name: EXAMPLE.instance,
  owner: EXAMPLE.user,
  kind: 'whatsapp',
  channel: 'baileys',
  evolutionServer: 'default',
  state: 'open',
  pace: { perMinute: 20, burst: 3 },
  retry: { attemptsMax: 5, baseMs: 2000, capMs: 300_000 },
  checkNumber: 'never',
  paused: false,
  createdAt: EXAMPLE.time,
}

const Share = z
  .object({
    user: z.string().describe('Id of a user.'),
    email: z.string().optional().describe('Left out when there is no such account any more.'),
    access: z.enum(INSTANCE_ACCESS).describe('Each includes those before it.'),
  })
  .meta({ id: 'Share' })

const exampleOfShare = { user: EXAMPLE.user, email: 'bob@example.com', access: 'send' }

const params = InstanceParams
const exampleOf = { name: EXAMPLE.instance }
const perInstance = true

const STREAM_OF_CONNECTION = [
  'event: state',
  'data: {"state":"connecting"}',
  '',
  'event: qr',
  'data: {"qr":{"code":"2@Yk3vT9xQ1c","png":"data:image/png;base64,iVBORw0KGgo="}}',
  '',
  '',
].join('\n')

const phoneOperations = {
  '/v1/instances/:name/connect': {
    post: {
      id: 'connectInstance',
      summary: 'Connect a phone',
      description: 'Starts the login. Other forms than JSON are had by `format`, or by `Accept`.',
      caller: 'instances:manage',
      perInstance,
      params,
      query: ConnectQuery,
      exampleOf,
      answers: {
        200: {
          description: 'Scan the QR code, or type in the pairing code; or it is `open`.',
          schema: Connection,
          example: exampleOfConnection,
          otherTypes: {
            'image/png': '',
            'image/svg+xml': '<svg xmlns="http://www.w3.org/2000/svg"/>',
            'text/plain': 'WZYE-H1YY',
          },
        },
      },
      problems: ['instance-not-found', 'instance-connected', 'evolution-failed'],
    },
  },
  '/v1/instances/:name/connect/events': {
    get: {
      id: 'followConnection',
      summary: 'Follow how a phone is connected',
      description:
        'Starts the login and tells each step as server-sent events: `state`, `qr`, `trouble`, and at last `end`.',
      caller: 'instances:manage',
      perInstance,
      params,
      exampleOf,
      answers: {
        200: {
          description: 'Events until it is connected.',
          otherTypes: { 'text/event-stream': STREAM_OF_CONNECTION },
        },
      },
      problems: ['instance-not-found', 'evolution-failed', 'overloaded'],
    },
  },
  '/v1/instances/:name/owner': {
    post: {
      id: 'changeInstanceOwner',
      summary: 'Give an instance to another account',
      description: 'Its phone stays connected and its settings stay. The account must be approved.',
      caller: 'instances:adopt',
      params,
      exampleOf,
      body: { schema: ChangeOwnerBody, examples: { owner: { ownerEmail: 'ana@example.com' } } },
      answers: {
        200: {
          description: 'Whose it is now.',
          schema: z.object({ name: z.string(), owner: z.string() }),
          example: { name: EXAMPLE.instance, owner: EXAMPLE.user },
        },
      },
      problems: ['instance-not-found', 'managed-by-kubernetes'],
    },
  },
  '/v1/instances/:name/manager': {
    put: {
      id: 'changeInstanceManager',
      summary: 'Take an instance over, or give it back to its owner',
      description:
        'The Kubernetes operator takes it over, with `kubernetes`. It, or an administrator, gives it back, with `null`.',
      caller: 'instances:adopt',
      params,
      exampleOf,
      body: { schema: ChangeManagerBody, examples: { 'give back': { managedBy: null } } },
      answers: {
        200: {
          description: 'Who manages it now.',
          schema: z.object({ name: z.string(), managedBy: ManagedBy.nullable() }),
          example: { name: EXAMPLE.instance, managedBy: null },
        },
      },
      problems: ['instance-not-found'],
    },
  },
  '/v1/instances/:name/restart': {
    post: {
      id: 'restartInstance',
      summary: 'Connect anew with the login there is',
      caller: 'instances:manage',
      perInstance,
      params,
      exampleOf,
      answers: { 200: { description: 'It connects.', schema: Connection, example: { state: 'open' } } },
      problems: ['instance-not-found', 'instance-not-connected', 'evolution-failed'],
    },
  },
  '/v1/instances/:name/logout': {
    post: {
      id: 'logOutInstance',
      summary: 'Take the phone away',
      description: 'The instance stays, and what waits for it waits on.',
      caller: 'instances:manage',
      perInstance,
      params,
      exampleOf,
      answers: {
        200: {
          description: 'It has no phone.',
          schema: z.object({ state: z.literal('close') }),
          example: { state: 'close' },
        },
      },
      problems: ['instance-not-found', 'instance-sandbox', 'evolution-failed'],
    },
  },
} as const satisfies Operations

const shareOperations = {
  '/v1/instances/:name/shares': {
    get: {
      id: 'listShares',
      summary: 'List with whom an instance is shared',
      description: 'For its owner and administrators. All at once.',
      caller: 'account',
      params,
      exampleOf,
      answers: {
        200: {
          description: 'There is one page.',
          schema: pageOf(Share),
          example: { data: [exampleOfShare], next: null },
        },
      },
      problems: ['instance-not-found'],
    },
  },
  '/v1/instances/:name/shares/:user': {
    put: {
      id: 'shareInstance',
      summary: 'Let another user use an instance',
      description:
        'For its owner and administrators. `user` is an e-mail, or the id of somebody whom it is shared with; ' +
        'administrators name anybody by either.',
      caller: 'account',
      params: ShareParams,
      exampleOf: { ...exampleOf, user: exampleOfShare.email },
      body: {
        schema: ShareBody,
        examples: { view: { access: 'view' }, manage: { access: 'manage' }, send: { access: 'send' } },
      },
      answers: { 200: { description: 'What he may do now.', schema: Share, example: exampleOfShare } },
      problems: ['instance-not-found', 'user-not-found', 'share-limit'],
    },
    delete: {
      id: 'unshareInstance',
      summary: 'Let a user not use an instance any more',
      description: 'For its owner and administrators. What waits of him is not sent.',
      caller: 'account',
      params: ShareParams,
      exampleOf: { ...exampleOf, user: exampleOfShare.email },
      answers: { 204: { description: 'It is not shared with him.' } },
      problems: ['instance-not-found', 'share-not-found'],
    },
  },
} as const satisfies Operations

export function instanceOperations(recipient: RecipientSchema) {
  const phoneNumber = numbersOnly(recipient)
  return {
    '/v1/instances': {
      get: {
        id: 'listInstances',
        summary: 'List your instances, and those that are shared with you',
        description: '`state` is the last known; the live one is shown of one instance.',
        caller: 'instances:read',
        perInstance,
        query: PageQuery,
        answers: {
          200: { description: 'A page.', schema: pageOf(Instance), example: { data: [exampleOfInstance], next: null } },
        },
      },
      post: {
        id: 'createInstance',
        summary: 'Make an instance',
        description:
          'Makes it in Evolution API, too. An administrator may register one that exists there, with `adopt`, for ' +
          'himself or for the account of `ownerEmail`.',
        caller: 'instances:manage',
        body: {
          schema: createInstanceBody(phoneNumber),
          examples: {
            plain: { name: EXAMPLE.instance },
            sandbox: { name: 'practice', kind: 'sandbox' },
            paced: {
              name: 'support',
              number: '+5511988887000',
              pace: { perMinute: 20, burst: 3, perDay: 400, timeZone: 'America/Sao_Paulo' },
            },
          },
        },
        headers: [...ONCE_HEADERS],
        answers: {
          201: {
            description: 'The instance. Connect a phone next.',
            schema: Instance,
            example: { ...exampleOfInstance, state: 'close', holding: { reason: 'instance' } },
            headers: ['Location', 'Idempotent-Replayed'],
          },
        },
        problems: [
          'session-required',
          'instance-not-found',
          'instance-name-taken',
          'foreign-webhook',
          'evolution-failed',
          ...ONCE_PROBLEMS,
        ],
      },
    },
    '/v1/instances/:name': {
      get: {
        id: 'readInstance',
        summary: 'Read an instance',
        description: 'With its live state, and what holds it.',
        caller: 'instances:read',
        perInstance,
        params,
        exampleOf,
        answers: { 200: { description: 'The instance.', schema: Instance, example: exampleOfInstance } },
        problems: ['instance-not-found'],
      },
      patch: {
        id: 'changeInstance',
        summary: 'Change the settings of an instance',
        description:
          '`pace` and `retry` are each replaced as a whole; `null` goes back to the default of the installation. ' +
          '`number` is what the next pairing code is for; `null`: none is given. ' +
          'What is not named stays. `evolutionKey` is for administrators.',
        caller: 'instances:manage',
        perInstance,
        params,
        exampleOf,
        body: {
          schema: changeInstanceBody(phoneNumber),
          examples: {
            pace: { pace: { perMinute: 20, burst: 3, quietHours: { from: '22:00', to: '07:00' } } },
            pause: { paused: true },
            'another number': { number: '+5511988887001' },
            'go on': { paused: false, pace: null },
          },
        },
        answers: { 200: { description: 'The instance as it is now.', schema: Instance, example: exampleOfInstance } },
        problems: ['session-required', 'instance-not-found', 'managed-by-kubernetes'],
      },
      delete: {
        id: 'removeInstance',
        summary: 'Delete an instance',
        description: 'At Evolution API, too, unless `keepInEvolution` is `true`. What waits for it ends as `failed`.',
        caller: 'instances:manage',
        params,
        query: RemoveInstanceQuery,
        exampleOf,
        answers: { 204: { description: 'It is gone.' } },
        problems: ['instance-not-found', 'managed-by-kubernetes', 'evolution-failed'],
      },
    },
    ...phoneOperations,
    ...shareOperations,
  } as const satisfies Operations
}
