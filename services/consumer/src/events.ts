import { counterOf, createFaultLog, type Logger } from '@whatsapp-sender/service-runtime'
import type { Outcome } from '@whatsapp-sender/store'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { EndedUnsent } from './delivery/ended-unsent.ts'
import { outcomeNameOf } from './delivery/outcome-name.ts'
import { createUnread } from './ingest/unread.ts'
import { GONE_AFTER_MS } from './leases/holders.ts'
import { createOutcomeLines, type ToldRow } from './outcome-lines.ts'
import { gaugesOf, type Watched } from './watched-gauges.ts'

/** What happens in the consumer, each said once: logged and counted together. Labels are closed sets. */
export type ConsumerEvents = ReturnType<typeof createConsumerEvents>

export function createConsumerEvents(logger: Logger, registry: Registry, watched: Watched) {
  const faults = createFaultLog(logger)
  const lines = createOutcomeLines(logger)
  const unread = createUnread()
  gaugesOf(registry, watched, unread)
  const metrics = createMetrics(registry)
  const failed = (error: unknown): void => {
    if (isOfStop(error)) return
    metrics.errors.inc()
    faults.warn({ err: error }, 'a step failed and will be repeated')
  }
  return {
    /** What of a partition is still to be read. */
    unread: unread.note,
    /** The same, asked of the broker. */
    countUnread: unread.count,
    batchWritten: (rows: number, ms: number) => {
      metrics.ingestRows.observe(rows)
      metrics.ingestSeconds.observe(ms / 1000)
    },
    ingested: ({
      inserted,
      duplicates,
      undecodable,
    }: Readonly<{ inserted: number; duplicates: number; undecodable: number }>) => {
      metrics.ingested.inc({ result: 'inserted' }, inserted)
      metrics.ingested.inc({ result: 'duplicate' }, duplicates)
      metrics.ingested.inc({ result: 'undecodable' }, undecodable)
      if (undecodable > 0) faults.warn({ undecodable }, 'records could not become messages')
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
    /**
     * By the clock of `now`, ms.
     * @param acceptedAt when the broker had the message
     * @param dueSince since when it could go; undefined of one that another process had claimed
     */
    outcome: (
      row: ToldRow,
      outcome: Outcome,
      { acceptedAt, dueSince, now }: Readonly<{ acceptedAt: number; dueSince: number | undefined; now: number }>,
    ) => {
      if (outcome.status === 'sent') {
        metrics.sentAfter.observe(Math.max(0, now - acceptedAt) / 1000)
        if (dueSince !== undefined) metrics.sentAfterDue.observe(Math.max(0, now - dueSince) / 1000)
      }
      const name = outcomeNameOf(outcome)
      metrics.outcomes.inc({ outcome: name })
      metrics.sendSeconds.observe(outcome.attempt.durationMs / 1000)
      lines.outcome(row, outcome, name, now - acceptedAt)
    },
    /** A message that waited ended without being sent. */
    ended: (row: ToldRow, end: EndedUnsent) => {
      metrics.ended.inc({ status: end.status })
      lines.ended(row, end)
    },
    lateOutcomes: (count: number) => {
      metrics.lateOutcomes.inc(count)
      logger.warn({ count }, 'outcomes came after their rows had been taken over')
    },
    ambiguous: (row: ToldRow, code: string) => {
      metrics.ambiguous.inc()
      lines.ambiguous(row, code)
    },
    assigned: (partitions: readonly number[], kept: boolean) => {
      unread.keep(partitions)
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
    /** @param sinceMs since the renewal before */
    leaseRenewed: (sinceMs: number | undefined) => {
      const isLate = sinceMs !== undefined && sinceMs > GONE_AFTER_MS
      metrics.leaseRenewals.inc({ result: isLate ? 'late' : 'renewed' })
      if (isLate)
        logger.warn(
          { sinceMs: Math.round(sinceMs) },
          'the lease was renewed too late: others may have judged what it held',
        )
    },
    leaseNotRenewed: (error: unknown) => {
      metrics.leaseRenewals.inc({ result: 'failed' })
      failed(error)
    },
    instanceMoved: (instance: string, facts: Readonly<Record<string, unknown>>) => {
      logger.info({ instance, ...facts }, 'instance changed')
    },
    failed,
  }
}

/** A wait that the stop has ended is no failure, and nothing of it is repeated. */
function isOfStop(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function createMetrics(registry: Registry) {
  const registers = [registry]
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
      help: 'Messages that waited and ended without being sent then. status: expired, failed (the instance is gone or not theirs any more, or the recipient is suppressed), unknown (expired, and an attempt before may have sent it).',
      label: 'status',
      values: ['expired', 'failed', 'unknown'],
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
    sentAfterDue: new Histogram({
      name: 'whatsapp_sent_after_due_seconds',
      help: 'From when a message could go (its time, its turn in the lane, pace and gate allowed it) to sent. Above 30 s more than 1 in 100: the promise is broken.',
      buckets: [0.1, 0.5, 1, 2.5, 5, 15, 30, 60, 300, 1800],
      registers,
    }),
    ingestRows: new Histogram({
      name: 'whatsapp_ingest_batch_records',
      help: 'Messages of one insert into the database. Near 500: MongoDB is the limit.',
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
      registers,
    }),
    ingestSeconds: new Histogram({
      name: 'whatsapp_ingest_write_seconds',
      help: 'Time of one insert into the database; above 1 s: MongoDB is slow.',
      buckets: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    leaseRenewals: counterOf(registry, {
      name: 'whatsapp_lease_renewals_total',
      help: 'Renewals of this process’s lease, one in 5 s. result: renewed, late (others may have taken its messages over), failed (look at MongoDB).',
      label: 'result',
      values: ['renewed', 'late', 'failed'],
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
