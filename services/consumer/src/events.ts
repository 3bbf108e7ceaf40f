import { counterOf, gaugeOf, type Logger } from '@whatsapp-sender/service-runtime'
import type { Outcome } from '@whatsapp-sender/store'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { Gates } from './dispatch/gates.ts'

/** What is read when somebody scrapes. */
type Watched = () => Readonly<{
  dispatcher: Pick<Dispatcher, 'due' | 'inFlight' | 'instances'>
  gates: Pick<Gates, 'shut'>
}>

/** What happens in the consumer, each said once: logged and counted together. Labels are closed sets. */
export type ConsumerEvents = ReturnType<typeof createConsumerEvents>

export function createConsumerEvents(logger: Logger, registry: Registry, watched: Watched) {
  const behind = new Map<number, number>()
  const metrics = createMetrics(registry, watched, () => [...behind.values()].reduce((sum, each) => sum + each, 0))
  return {
    /** How many records of a partition were still to be read when a batch was done with. */
    read: (partition: number, recordsBehind: number) => {
      behind.set(partition, recordsBehind)
    },
    ingested: ({
      inserted,
      duplicates,
      undecodable,
    }: Readonly<{ inserted: number; duplicates: number; undecodable: number }>) => {
      metrics.ingested.inc({ result: 'inserted' }, inserted)
      metrics.ingested.inc({ result: 'duplicate' }, duplicates)
      metrics.ingested.inc({ result: 'undecodable' }, undecodable)
      if (undecodable > 0) logger.warn({ undecodable }, 'records could not become messages')
    },
    newerRecord: (place: Readonly<{ topic: string; partition: number; offset: string }>) => {
      logger.error(place, 'record of a later version: the partition waits for a newer consumer')
    },
    recordsSkipped: ({
      from,
      until,
      ...place
    }: Readonly<{ topic: string; partition: number; from: bigint | undefined; until: bigint }>) => {
      metrics.skipped.inc(from === undefined ? 1 : Number(until - from))
      const offsets = { from: from === undefined ? 'unknown' : String(from), until: String(until) }
      logger.error(
        { ...place, offsets },
        'accepted messages are lost: the topic dropped their records before they were read',
      )
    },
    claimed: (won: number, lost: number) => {
      metrics.claims.inc({ result: 'won' }, won)
      if (lost > 0) metrics.claims.inc({ result: 'lost' }, lost)
    },
    /** @param acceptedAt when the broker had the message, by the clock of `now`, ms */
    outcome: (
      messageId: string,
      outcome: Outcome,
      { acceptedAt, now }: Readonly<{ acceptedAt: number; now: number }>,
    ) => {
      if (outcome.status === 'sent') metrics.sentAfter.observe(Math.max(0, now - acceptedAt) / 1000)
      metrics.outcomes.inc({ outcome: outcome.status === 'queued' && !outcome.counted ? 'released' : outcome.status })
      metrics.sendSeconds.observe(outcome.attempt.durationMs / 1000)
      const facts = { messageId, attempt: outcome.attempt.number, durationMs: outcome.attempt.durationMs }
      if (outcome.status === 'sent') logger.debug(facts, 'message sent')
      else logger.info({ ...facts, outcome: outcome.status, code: outcome.attempt.error?.code }, 'message not sent')
    },
    /** A message that waited ended without being sent. */
    ended: (messageId: string, status: 'failed' | 'expired', code: string) => {
      metrics.ended.inc({ status })
      logger.info({ messageId, status, code }, 'message ended unsent')
    },
    lateOutcomes: (count: number) => {
      metrics.lateOutcomes.inc(count)
      logger.warn({ count }, 'outcomes came after their rows had been taken over')
    },
    ambiguous: (messageId: string, code: string) => {
      metrics.ambiguous.inc()
      logger.warn({ messageId, code }, 'it is not known whether a message left')
    },
    assigned: (partitions: readonly number[], kept: boolean) => {
      for (const partition of behind.keys()) if (!partitions.includes(partition)) behind.delete(partition)
      metrics.rebalances.inc()
      logger.info({ partitions: partitions.length, kept }, 'partitions assigned')
    },
    rebalancePause: (until: 'joined' | 'first-send', ms: number) => {
      metrics.rebalancePause.observe({ until }, ms / 1000)
      logger.info({ until, ms: Math.round(ms) }, 'nothing was begun during a rebalance')
    },
    /** The breaker of an Evolution server holds everything that waits for it, or does no longer. */
    evolutionMoved: (server: string, held: readonly string[]) => {
      metrics.evolutionHeld.set(held.length)
      if (held.includes(server)) logger.warn({ server }, 'messages are held: Evolution API fails')
      else logger.info({ server }, 'nothing is held for Evolution API any more')
    },
    instanceMoved: (instance: string, facts: Readonly<Record<string, unknown>>) => {
      logger.info({ instance, ...facts }, 'instance changed')
    },
    failed: (error: unknown) => {
      if (isOfStop(error)) return
      metrics.errors.inc()
      logger.warn({ err: error }, 'a step failed and will be repeated')
    },
  }
}

/** A wait that the stop has ended is no failure, and nothing of it is repeated. */
function isOfStop(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function createMetrics(registry: Registry, watched: Watched, behind: () => number) {
  const registers = [registry]
  gaugeOf(
    registry,
    'whatsapp_messages_due',
    'Messages that lack nothing but a free slot; above 0 for long: add consumers.',
    () => watched().dispatcher.due(),
  )
  gaugeOf(
    registry,
    'whatsapp_sends_in_flight',
    'Requests open at Evolution API; at the limit for long: Evolution is slow.',
    () => watched().dispatcher.inFlight(),
  )
  gaugeOf(registry, 'whatsapp_instances_in_memory', 'Instances this consumer works for.', () =>
    watched().dispatcher.instances(),
  )
  gaugeOf(
    registry,
    'whatsapp_instances_shut',
    'Of them, those that are not connected or set up wrongly, so that their messages wait; GET /v1/instances names them.',
    () => watched().gates.shut(),
  )
  gaugeOf(
    registry,
    'whatsapp_records_behind',
    'Accepted messages that this consumer has not read yet, as of its last read; rising: MongoDB is slow, or consumers lack.',
    behind,
  )
  return {
    ingested: counterOf(registry, {
      name: 'whatsapp_records_ingested_total',
      help: 'Records read from the topic. result: inserted, duplicate (came again), undecodable (look at them).',
      label: 'result',
      values: ['inserted', 'duplicate', 'undecodable'],
    }),
    skipped: new Counter({
      name: 'whatsapp_records_skipped_total',
      help: 'Records that the topic dropped before they were read; above 0: accepted messages are lost.',
      registers,
    }),
    claims: counterOf(registry, {
      name: 'whatsapp_claims_total',
      help: 'Claims of messages. result: won, lost (many: two consumers believe they own an instance).',
      label: 'result',
      values: ['won', 'lost'],
    }),
    outcomes: counterOf(registry, {
      name: 'whatsapp_sends_total',
      help: 'Sends by outcome: sent, queued (will be tried again), released (not counted), failed, dead-lettered, unknown.',
      label: 'outcome',
      values: ['sent', 'queued', 'released', 'failed', 'dead-lettered', 'unknown'],
    }),
    ended: counterOf(registry, {
      name: 'whatsapp_messages_ended_unsent_total',
      help: 'Messages that waited and ended unsent. status: expired, failed (the instance is gone, or not theirs any more).',
      label: 'status',
      values: ['expired', 'failed'],
    }),
    sendSeconds: new Histogram({
      name: 'whatsapp_send_duration_seconds',
      help: 'Time of one request to Evolution API; near 60 s: WhatsApp does not answer Evolution.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 90],
      registers,
    }),
    sentAfter: new Histogram({
      name: 'whatsapp_sent_after_seconds',
      help: 'From accepted to sent, with all waits for pace, schedule and instance in it.',
      buckets: [0.25, 0.5, 1, 2.5, 5, 15, 30, 60, 300, 1800, 7200, 86_400],
      registers,
    }),
    lateOutcomes: new Counter({
      name: 'whatsapp_late_outcomes_total',
      help: 'Outcomes whose rows had been taken over; each is a message that may have been sent twice.',
      registers,
    }),
    ambiguous: new Counter({
      name: 'whatsapp_ambiguous_sends_total',
      help: 'Sends of which it was not known whether they left.',
      registers,
    }),
    rebalances: new Counter({
      name: 'whatsapp_rebalances_total',
      help: 'Assignments of partitions; rising all the time: consumers come and go.',
      registers,
    }),
    rebalancePause: new Histogram({
      name: 'whatsapp_rebalance_pause_seconds',
      help: 'How long a rebalance kept this consumer from sending. until: joined, first-send. Above 2 s: a member is slow.',
      labelNames: ['until'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
      registers,
    }),
    evolutionHeld: new Gauge({
      name: 'whatsapp_evolution_held',
      help: 'Evolution servers whose breaker holds what waits for them; above 0 for long: look at Evolution API.',
      registers,
    }),
    errors: new Counter({
      name: 'whatsapp_consumer_errors_total',
      help: 'Steps that failed and are repeated; rising: look at MongoDB and Kafka.',
      registers,
    }),
  }
}
