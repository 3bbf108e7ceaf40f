import { counterOf, createFaultLog, type Logger } from '@whatsapp-sender/service-runtime'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { RowResult } from './batches/send-batch.ts'
import type { ReceivedEvent } from './evolution-events/receive-event.route.ts'
import type { StreamEnd } from './following/event-stream.ts'
import { PROBLEMS, type ProblemCode } from './http/problem.ts'
import type { FinishedRequest } from './http/request-log.ts'
import type { UnreadableRequest } from './http/unreadable-request.ts'
import { createHttpMetrics } from './http-metrics.ts'
import type { SendMessageResult } from './messages/send-message.ts'
import type { FirstAdminResult } from './users/first-admin.ts'
import type { RefusedLogIn } from './users/log-in.route.ts'

export type Events = ReturnType<typeof createEvents>

/** What happens here, told once each: to the log and to the metrics. Labels are closed sets; ids go to the log only. */
export function createEvents(o: { logger: Logger; registry: Registry }) {
  const { logger } = o
  const metrics = createMetrics(o.registry)
  const countRequest = createHttpMetrics(o.registry)
  const faults = createFaultLog(logger)
  const failures = createFaultLog(logger, { linesMax: FAILURES_MAX })
  return {
    requestFinished: (request: FinishedRequest) => {
      countRequest(request)
      if (logger.isLevelEnabled('debug')) logger.debug(request, 'request finished')
    },
    problemAnswered: (code: ProblemCode) => {
      metrics.problems.inc({ code })
    },
    requestUnreadable: (request: UnreadableRequest) => {
      metrics.problems.inc({ code: request.code })
      logger.debug(request, 'request unreadable')
    },
    requestFailed: (failure: { err: unknown; code: ProblemCode; requestId: string }) => {
      // A 503 is our answer to trouble that is counted elsewhere; thousands a second must not become lines.
      const isExpected = failure.code !== 'internal-error' && failure.code !== 'evolution-failed'
      if (isExpected) logger.debug(failure, 'request failed')
      else failures[failure.code === 'internal-error' ? 'error' : 'warn'](failure, 'request failed', failure.code)
    },
    messageJudged: (result: SendMessageResult, requestId: string) => {
      if (result.kind === 'accepted') metrics.accepted.inc({ replay: String(result.isReplay) })
      else metrics.refused.inc({ reason: result.kind })
      if (logger.isLevelEnabled('debug')) logger.debug({ requestId, ...judgementOf(result) }, 'message judged')
      if (result.kind === 'accept-unknown') logger.warn({ messageId: result.id }, 'message may have been accepted')
    },
    batchJudged: (batch: string, results: readonly RowResult[]) => {
      const counts = new Map<string, number>()
      for (const result of results) {
        const what = result.kind === 'accepted' && result.isReplay ? 'replayed' : result.kind
        counts.set(what, (counts.get(what) ?? 0) + 1)
      }
      for (const [what, count] of counts) {
        if (what === 'accepted' || what === 'replayed')
          metrics.accepted.inc({ replay: String(what === 'replayed') }, count)
        else metrics.refused.inc({ reason: what }, count)
      }
      const messages = counts.get('accept-unknown')
      if (messages !== undefined) logger.warn({ batch, messages }, 'messages of a batch may have been accepted')
    },
    messagesCancelled: (messages: number) => {
      metrics.cancelled.inc(messages)
    },
    batchProduced: (topic: Topic, batch: { records: number; seconds: number; outcome: string }) => {
      metrics.batchRecords.observe({ topic }, batch.records)
      metrics.batchSeconds.observe({ topic, outcome: batch.outcome }, batch.seconds)
    },
    producerLost: (topic: Topic, err: unknown) => {
      metrics.producersLost.inc({ topic })
      faults.warn({ topic, err }, 'producer lost', topic)
    },
    evolutionEventReceived: (result: ReceivedEvent) => {
      metrics.evolutionEvents.inc({ result })
    },
    firstAdminEnsured: (result: FirstAdminResult) => {
      const isFault = result === 'exists-without-rights' || result === 'weak-password'
      logger[isFault ? 'error' : 'info']({ result }, 'first administrator ensured')
    },
    databaseAwaited: (err: unknown) => {
      faults.warn({ err }, 'database set-up waits for the database')
    },
    directoryStale: (err: unknown) => {
      faults.warn({ err }, 'instances could not be read; the last known are used')
    },
    keyUsesNotWritten: (err: unknown) => {
      faults.warn({ err }, 'last uses of API keys not written')
    },
    secretHashNotKept: (err: unknown) => {
      faults.warn({ err }, 'hash of the secret of a webhook not made anew')
    },
    suppressionsStale: (err: unknown) => {
      faults.warn({ err }, 'suppressions could not be read; the last known are used')
    },
    bulkStepFailed: (err: unknown) => {
      faults.warn({ err }, 'a step of a bulk operation failed; it is tried again')
    },
    erasureFailed: (err: unknown) => {
      faults.warn({ err }, 'a step of an erasure failed; it is tried again')
    },
    mailSent: () => {
      logger.info('mail sent')
    },
    mailNotSent: (err: unknown) => {
      faults.warn({ err: plainMailError(err) }, 'mail not sent')
    },
    mailNotTaken: () => {
      faults.warn({}, 'mail not sent: too many wait')
    },
    ownersNotTold: (err: unknown) => {
      faults.warn({ err }, 'owners of webhooks that were switched off are told later')
    },
    logInRefused: ({ reason, ...refused }: RefusedLogIn) => {
      // Who is shut out goes on trying at no cost; the others are as many as the limits let through.
      if (reason === 'limited') faults.warn(refused, 'logins are refused: too many tries')
      else logger.warn({ ...refused, reason }, 'login refused')
    },
    passwordNotRehashed: (err: unknown) => {
      faults.warn({ err }, 'password not hashed anew')
    },
    acted: (act: Readonly<{ by: string; action: string; target: string }>) => {
      logger.info(act, 'administrative act')
    },
    auditNotWritten: (err: unknown, entry: object) => {
      logger.error({ err, entry }, 'audit entry not written')
    },
    answerNotKept: (err: unknown) => {
      faults.error({ err }, 'the outcome of a request with an idempotency key not written')
    },
    instanceCreated: (o: { instance: string; adopted: boolean }) => {
      logger.info(o, 'instance created')
    },
    instanceRemoved: (
      removed: Readonly<{ instance: string; instanceId: string; by: string; keptInEvolution: boolean }>,
    ) => {
      logger.info(removed, 'instance removed')
    },
    instanceLeftBehind: (o: { instance: string; code: string }) => {
      logger.error(o, 'instance left behind at Evolution API')
    },
    feedUnreadable: (err: unknown) => {
      faults.warn({ err }, 'events could not be read; streams are told later')
    },
    streamEnded: (why: StreamEnd, err?: unknown) => {
      metrics.streamsEnded.inc({ why })
      if (err !== undefined) faults.warn({ err }, 'event stream ended')
    },
    streamsCounted: (open: number) => {
      metrics.streams.set(open)
    },
    campaignUploaded: (upload: Readonly<{ campaign: string; rows: number; faulty: number; seconds: number }>) => {
      logger.info(upload, 'campaign uploaded')
    },
    campaignFed: (fed: Readonly<{ campaign: string; accepted: number; refused: number }>) => {
      if (fed.accepted > 0) metrics.accepted.inc({ replay: 'false' }, fed.accepted)
      if (fed.refused > 0) metrics.refused.inc({ reason: 'campaign-row' }, fed.refused)
      logger.debug(fed, 'campaign fed')
    },
    campaignNotFed: (err: unknown) => {
      faults.warn({ err }, 'campaign not fed; it is tried again')
    },
    campaignsNotKept: (err: unknown) => {
      faults.warn({ err }, 'campaigns not looked after')
    },
    listening: (address: { host: string; port: number }) => {
      logger.info(address, 'API listens')
    },
  }
}

/** Each may be asked for by its request id; a fault that many requests meet must not fill the disk. */
const FAILURES_MAX = 20

function judgementOf(result: SendMessageResult): Readonly<Record<string, unknown>> {
  return 'id' in result ? { messageId: result.id, outcome: result.kind } : { outcome: result.kind }
}

/** A mail server repeats addresses in what it says. */
function plainMailError(err: unknown): Readonly<{ name: string; code: string }> {
  const isError = err instanceof Error
  return { name: isError ? err.name : 'unknown', code: isError && 'code' in err ? String(err.code) : 'unknown' }
}

export type Topic = 'messages' | 'evolution-events'

const REFUSALS = [
  'overloaded',
  'unavailable',
  'accept-unknown',
  'instance-not-found',
  'idempotency-key-reused',
  'too-large',
  'kind-not-supported',
  'expires-too-soon',
  'suppressed',
] satisfies SendMessageResult['kind'][]

function createMetrics(registry: Registry) {
  const registers = [registry]
  return {
    accepted: counterOf(registry, {
      name: 'whatsapp_messages_accepted_total',
      help: 'Messages answered with 202. replay: true (a repetition), false. No growth under traffic: nothing is let in.',
      label: 'replay',
      values: ['true', 'false'],
    }),
    cancelled: new Counter({
      name: 'whatsapp_messages_cancelled_total',
      help: 'Messages that waited and were cancelled, one by one, in bulk, with their campaign or for an erasure.',
      registers,
    }),
    refused: counterOf(registry, {
      name: 'whatsapp_messages_refused_total',
      help: 'Valid messages that were not answered with 202. reason: overloaded, unavailable, accept-unknown (Kafka is in trouble), and what speaks of one message or user.',
      label: 'reason',
      values: REFUSALS,
    }),
    problems: counterOf(registry, {
      name: 'whatsapp_requests_refused_total',
      help: 'Requests that were answered with a problem. code: those of docs/api-errors.md. Many of one 4xx: a client is wrong.',
      label: 'code',
      values: Object.keys(PROBLEMS),
    }),
    batchRecords: new Histogram({
      name: 'whatsapp_produce_batch_records',
      help: 'Records of one batch for Kafka. topic: messages, evolution-events. Near 500: the broker is the limit.',
      labelNames: ['topic'],
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'whatsapp_produce_duration_seconds',
      help: "Time until the broker's answer to a batch. outcome: published, unknown. Above 1 s: callers begin to be refused.",
      labelNames: ['topic', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 2.5, 10],
      registers,
    }),
    producersLost: counterOf(registry, {
      name: 'whatsapp_producers_lost_total',
      help: 'Producers given up after a failed send or connection; each may have left a batch whose fate is not known.',
      label: 'topic',
      values: ['messages', 'evolution-events'] satisfies Topic[],
    }),
    evolutionEvents: counterOf(registry, {
      name: 'whatsapp_evolution_events_total',
      help: 'Events of Evolution API. result: stored, ignored, refused (a wrong secret), failed (look at Kafka).',
      label: 'result',
      values: ['stored', 'ignored', 'refused', 'failed'] satisfies ReceivedEvent[],
    }),
    streams: new Gauge({
      name: 'whatsapp_event_streams_open',
      help: 'Event streams that are open; near 1,000 some are refused.',
      registers,
    }),
    streamsEnded: counterOf(registry, {
      name: 'whatsapp_event_streams_ended_total',
      help: 'Event streams that ended. why: client, refused, slow, stopping, failed (look at MongoDB).',
      label: 'why',
      values: ['client', 'refused', 'slow', 'stopping', 'failed'] satisfies StreamEnd[],
    }),
  }
}
