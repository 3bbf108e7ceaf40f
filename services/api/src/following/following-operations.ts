import { MessageParams } from '../messages/message-params.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'
import { FollowEventsQuery } from './follow-events.route.ts'

const STREAM = [
  'retry: 3000',
  'id: tAv7KjcNuts9lynyL29ZRw',
  '',
  'id: 9Q1hYzTQ3n1mV4bq0sHn2A',
  'event: message.sent',
  `data: {"v":1,"id":"${EXAMPLE.message}:2","n":2,"type":"message.sent","at":"${EXAMPLE.time}"}`,
  '',
  '',
].join('\n')

const answers = {
  200: {
    description: 'Events, until you go. The last one is `end` when the API ends it, and its `code` says why.',
    otherTypes: { 'text/event-stream': STREAM },
  },
} as const

export const followingOperations = {
  '/v1/events': {
    get: {
      id: 'followEvents',
      summary: 'Follow what happens to your messages and instances',
      description: 'Server-sent events, from now on or from `Last-Event-ID`. For users with a feed.',
      caller: 'messages:read',
      query: FollowEventsQuery,
      exampleOf: { instance: EXAMPLE.instance },
      headers: ['Last-Event-ID'],
      answers,
      problems: ['event-feed-off', 'overloaded'],
    },
  },
  '/v1/messages/:id/events': {
    get: {
      id: 'followMessage',
      summary: 'Follow what happens to a message',
      description: 'Server-sent events, from its first event on or from `Last-Event-ID`. For users with a feed.',
      caller: 'messages:read',
      params: MessageParams,
      exampleOf: { id: EXAMPLE.message },
      headers: ['Last-Event-ID'],
      answers,
      problems: ['message-not-found', 'event-feed-off', 'overloaded'],
    },
  },
} as const satisfies Operations
