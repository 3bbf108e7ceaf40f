import { z } from 'zod'
import { Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operations } from '../openapi/operation.ts'

const Overview = z
  .object({
    at: Time,
    instances: z.record(z.string(), z.int()).nullable().describe('By state, and those that are paused.'),
    messages: z
      .object({
        waitingFor: z.record(z.string(), z.int()),
        sending: z.int(),
        oldestDueAt: Time.nullable(),
        isWhole: z.boolean().describe('False: there are more than were counted.'),
        longestWaiting: z
          .array(
            z.object({
              instance: z.string().describe('Its name; its id when it is not there any more.'),
              user: z.string().nullable().describe('Whose it is.'),
              waitingFor: z.string(),
              waiting: z.int(),
              oldestDueAt: Time.nullable().describe('`null`: only retries wait.'),
            }),
          )
          .describe('Five instances at most, the worst first.'),
      })
      .nullable(),
    consumers: z
      .object({
        living: z.array(
          z.object({
            id: z.string(),
            at: Time,
            due: z.number(),
            evolutionDown: z.array(z.string()),
            partitions: z.array(z.int()).describe('Of the topic of messages.'),
          }),
        ),
        due: z.number(),
        recent: z.object({ minutes: z.int(), accepted: z.int(), sent: z.int(), failed: z.int() }),
        evolution: z.array(z.object({ server: z.string(), heldBy: z.int() })),
      })
      .nullable(),
    kafka: z
      .array(
        z.object({
          group: z.string(),
          topic: z.string(),
          members: z.int().describe('Consumers that take part in it now.'),
          partitions: z.int(),
          lag: z.int().describe('Records that it has not read yet.'),
          behind: z
            .array(z.object({ partition: z.int(), lag: z.int() }))
            .describe('The partitions that lag most, ten at most.'),
        }),
      )
      .nullable(),
    deadLetters: z
      .array(
        z.object({
          id: z.uuid(),
          user: z.string(),
          instance: z.string(),
          status: z.string(),
          reason: z.string().optional(),
          failedAt: Time.optional(),
        }),
      )
      .nullable(),
    missing: z.array(z.string()).describe('Parts that did not answer in time; they are `null`.'),
  })
  .meta({ id: 'Overview' })

const caller = 'administration'

export const administrationOperations = {
  '/v1/admin/overview': {
    get: {
      id: 'readOverview',
      summary: 'Read how the installation does',
      caller,
      answers: {
        200: {
          description: 'All parts that answered in time.',
          schema: Overview,
          example: {
            at: EXAMPLE.time,
            instances: { open: 12, connecting: 1, close: 2, paused: 1 },
            messages: {
              waitingFor: { turn: 310 },
              sending: 4,
              oldestDueAt: EXAMPLE.time,
              isWhole: true,
              longestWaiting: [
                {
                  instance: EXAMPLE.instance,
                  user: EXAMPLE.user,
                  waitingFor: 'turn',
                  waiting: 310,
                  oldestDueAt: EXAMPLE.time,
                },
              ],
            },
            consumers: {
              living: [],
              due: 0,
              recent: { minutes: 5, accepted: 320, sent: 300, failed: 2 },
              evolution: [{ server: 'default', heldBy: 0 }],
            },
            kafka: null,
            deadLetters: [],
            missing: ['kafka'],
          },
        },
      },
    },
  },
  '/v1/admin/retention': {
    get: {
      id: 'readRetention',
      summary: 'Read how long things are kept',
      caller,
      answers: {
        200: {
          description: 'What is in force.',
          schema: z.object({
            days: z.record(z.string(), z.number()),
            contentHours: z.number().nullable().describe('`null`: as long as the message.'),
            configuredBy: z.record(z.string(), z.string()).describe('Names of variables.'),
          }),
          example: { days: { messages: 30 }, contentHours: null, configuredBy: { messages: 'MESSAGE_RETENTION_DAYS' } },
        },
      },
    },
  },
} as const satisfies Operations
