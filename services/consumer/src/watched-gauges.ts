import { gaugeOf } from '@whatsapp-sender/service-runtime'
import { Gauge, type Registry } from 'prom-client'
import type { Clock } from './dispatch/clock.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { Gates } from './dispatch/gates.ts'
import type { Unread } from './ingest/unread.ts'
import { createInstanceGauge } from './instance-gauge.ts'

/** What is read when somebody scrapes. */
export type Watched = () => Readonly<{
  dispatcher: Pick<Dispatcher, 'due' | 'oldestDueMs' | 'inFlight' | 'instances'>
  gates: Pick<Gates, 'shut' | 'mine'>
  ingest: Readonly<{ mayBegin(): boolean; partitionsBlocked(): number }>
  health: Readonly<{ isWritable(): boolean }>
  heartbeat: Readonly<{ ageMs(): number }>
  clock: Pick<Clock, 'storeNow'>
  config: Readonly<{ instanceMetricsMax: number }>
}>

/** How things are in this consumer, each asked for at the moment of a scrape. */
export function gaugesOf(registry: Registry, watched: Watched, unread: Pick<Unread, 'records' | 'oldest'>): void {
  const gauge = (name: string, help: string, read: () => number): void => gaugeOf(registry, name, help, read)
  gauge('whatsapp_messages_due', 'Messages that lack nothing but a free slot; above 0 for long: add consumers.', () =>
    watched().dispatcher.due(),
  )
  gauge(
    'whatsapp_oldest_due_seconds',
    'For how long the first message that could go has not left; 0 when there is none. Above 300: messages do not flow.',
    () => watched().dispatcher.oldestDueMs() / 1000,
  )
  gauge('whatsapp_sends_in_flight', 'Requests open at Evolution API; at the limit for long: Evolution is slow.', () =>
    watched().dispatcher.inFlight(),
  )
  gauge('whatsapp_instances_in_memory', 'Instances this consumer works for.', () => watched().dispatcher.instances())
  gauge(
    'whatsapp_instances_shut',
    'Of them, those that are not connected or set up wrongly, so that their messages wait; GET /v1/instances names them.',
    () => watched().gates.shut(),
  )
  gauge(
    'whatsapp_records_behind',
    'Accepted messages that this consumer has not read yet, as of its last read, or as Kafka counts them while none can be stored; rising: MongoDB is slow, or consumers lack.',
    unread.records,
  )
  gauge(
    'whatsapp_oldest_unread_seconds',
    'For how long the oldest accepted message that this consumer has not read yet may have been in Kafka; near 7 days, after which Kafka removes it: messages are lost.',
    () => Math.max(0, watched().clock.storeNow() - (unread.oldest() ?? Number.POSITIVE_INFINITY)) / 1000,
  )
  gauge(
    'whatsapp_partitions_blocked',
    'Partitions whose next message only a newer version can read; above 0: an older version was put back.',
    () => watched().ingest.partitionsBlocked(),
  )
  gauge(
    'whatsapp_lease_age_seconds',
    'Since this process last renewed its lease; above 20 s others take over what it was sending.',
    () => watched().heartbeat.ageMs() / 1000,
  )
  createInstanceGauge(registry, watched)
  new Gauge({
    name: 'whatsapp_sending_paused',
    help: '1 while this consumer begins nothing. why: group (it is not in its consumer group, as in a rebalance), database (a write has to succeed first).',
    labelNames: ['why'],
    registers: [registry],
    collect() {
      this.set({ why: 'group' }, Number(!watched().ingest.mayBegin()))
      this.set({ why: 'database' }, Number(!watched().health.isWritable()))
    },
  })
}
