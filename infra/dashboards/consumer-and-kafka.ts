import type { DashboardPlan, PanelPlan } from './build-dashboard.ts'
import { chosen, quantile, rate, sum } from './queries.ts'

const READING: readonly PanelPlan[] = [
  {
    title: 'Records read',
    description: 'inserted: new. duplicate: came again, as after a restart. undecodable: kept aside; look at them.',
    kind: 'lines',
    queries: [{ expr: rate('whatsapp_records_ingested_total', { by: 'result' }), legend: '{{result}}' }],
    unit: 'cps',
    alert: 'WhatsAppRecordsUndecodable',
  },
  {
    title: 'Not read yet',
    description: 'Accepted messages that are still to be read, by consumer.',
    kind: 'lines',
    queries: [{ expr: sum('whatsapp_records_behind', { by: 'pod' }), legend: '{{pod}}' }],
    unit: 'short',
    badFrom: 1000,
    alert: 'WhatsAppRecordsBehind',
  },
  {
    title: 'Age of the oldest unread message',
    description: 'By consumer. Above a day: find out why; after seven days Kafka removes them.',
    kind: 'lines',
    queries: [{ expr: `max by (pod) (${chosen('whatsapp_oldest_unread_seconds')})`, legend: '{{pod}}' }],
    unit: 's',
    badFrom: 86_400,
    alert: 'WhatsAppRetentionNear',
  },
  {
    title: 'Inserts',
    description:
      'Time of one insert into the database, and how many messages it brings. Near 500: MongoDB is the limit.',
    kind: 'lines',
    queries: [
      { expr: quantile(0.99, 'whatsapp_ingest_write_seconds'), legend: '99 %, s' },
      { expr: quantile(0.95, 'whatsapp_ingest_batch_records'), legend: '95 %, messages' },
    ],
    unit: 'short',
    alert: 'WhatsAppRecordsBehind',
  },
  {
    title: 'Partitions that wait',
    description: 'Their next message is of a later version: an older one was put back.',
    kind: 'lines',
    queries: [{ expr: sum('whatsapp_partitions_blocked', { by: 'pod' }), legend: '{{pod}}' }],
    unit: 'short',
    badFrom: 1,
    alert: 'WhatsAppPartitionsBlocked',
  },
  {
    title: 'Nothing begins',
    description:
      'Consumers that begin nothing. group: not in the consumer group. database: a write has to succeed first.',
    kind: 'lines',
    queries: [{ expr: sum('whatsapp_sending_paused', { by: 'why' }), legend: '{{why}}' }],
    unit: 'short',
    alert: 'WhatsAppDueMessageOld',
  },
  {
    title: 'Rebalances',
    description: 'Assignments of partitions. All the time: consumers come and go.',
    kind: 'lines',
    queries: [{ expr: `sum (increase(${chosen('whatsapp_rebalances_total')}[5m]))`, legend: 'in 5 minutes' }],
    unit: 'short',
    alert: 'WhatsAppRebalancesGoOn',
  },
  {
    title: 'Pause of a rebalance',
    description: 'How long nothing was begun. Above 2 s a member is slow.',
    kind: 'lines',
    queries: [{ expr: quantile(0.99, 'whatsapp_rebalance_pause_seconds', { by: 'until' }), legend: 'until {{until}}' }],
    unit: 's',
    badFrom: 2,
    alert: 'WhatsAppRebalancesGoOn',
  },
]

const SENDING: readonly PanelPlan[] = [
  {
    title: 'Requests open at Evolution',
    description: 'By consumer. At the limit for long: Evolution is slow.',
    kind: 'lines',
    queries: [{ expr: sum('whatsapp_sends_in_flight', { by: 'pod' }), legend: '{{pod}}' }],
    unit: 'short',
  },
  {
    title: 'Time of a request to Evolution',
    description: 'Near 60 s WhatsApp does not answer Evolution.',
    kind: 'lines',
    queries: [
      { expr: quantile(0.5, 'whatsapp_send_duration_seconds'), legend: 'half' },
      { expr: quantile(0.99, 'whatsapp_send_duration_seconds'), legend: '99 %' },
    ],
    unit: 's',
    badFrom: 30,
    alert: 'WhatsAppEvolutionHeld',
  },
  {
    title: 'Claims',
    description: 'lost, many: two consumers believe that they own an instance.',
    kind: 'lines',
    queries: [{ expr: rate('whatsapp_claims_total', { by: 'result' }), legend: '{{result}}' }],
    unit: 'cps',
    alert: 'WhatsAppOwnersDisagree',
  },
  {
    title: 'Leases',
    description: 'Renewals. late: others may have taken over what was being sent. failed: MongoDB did not answer.',
    kind: 'lines',
    queries: [{ expr: rate('whatsapp_lease_renewals_total', { by: 'result' }), legend: '{{result}}' }],
    unit: 'cps',
    alert: 'WhatsAppLeasesLost',
  },
  {
    title: 'Connections',
    description: 'Of the processes to MongoDB and Evolution. waiting, above 0 for long: the other side is slow.',
    kind: 'lines',
    queries: [{ expr: sum('whatsapp_connections', { by: 'pool, state' }), legend: '{{pool}} {{state}}' }],
    unit: 'short',
  },
  {
    title: 'Late outcomes',
    description: 'Each is a message that may have been sent twice.',
    kind: 'lines',
    queries: [{ expr: `sum (increase(${chosen('whatsapp_late_outcomes_total')}[5m]))`, legend: 'in 5 minutes' }],
    unit: 'short',
    badFrom: 1,
    alert: 'WhatsAppMessagesMaybeTwice',
  },
]

const TELLING: readonly PanelPlan[] = [
  {
    title: 'Events that wait to be published',
    description: 'Age of the oldest one. Rising: look at Kafka.',
    kind: 'lines',
    queries: [{ expr: `max (${chosen('whatsapp_events_oldest_unpublished_seconds')})`, legend: 'oldest' }],
    unit: 's',
    badFrom: 300,
    alert: 'WhatsAppEventsUnpublished',
  },
  {
    title: 'Posts to webhooks',
    description: 'waiting: tried again later. failed: given up.',
    kind: 'lines',
    queries: [{ expr: rate('whatsapp_webhook_attempts_total', { by: 'outcome' }), legend: '{{outcome}}' }],
    unit: 'cps',
    alert: 'WhatsAppWebhooksSwitchedOff',
  },
  {
    title: 'Steps that failed',
    description: 'And are repeated. Rising: look at MongoDB and Kafka.',
    kind: 'lines',
    queries: [
      { expr: rate('whatsapp_consumer_errors_total'), legend: 'sending' },
      { expr: rate('whatsapp_event_errors_total'), legend: 'events' },
      { expr: rate('whatsapp_webhook_errors_total'), legend: 'webhooks' },
    ],
    unit: 'cps',
    alert: 'WhatsAppConsumerErrors',
  },
  {
    title: 'Messages kept',
    description: 'All in the database, ended ones included until their retention is over. The disk grows with them.',
    kind: 'lines',
    queries: [{ expr: sum('whatsapp_messages_kept'), legend: 'messages' }],
    unit: 'short',
  },
  {
    title: 'Files removed',
    description: 'Uploaded files whose time was over.',
    kind: 'lines',
    queries: [{ expr: rate('whatsapp_media_removed_total'), legend: 'files' }],
    unit: 'cps',
  },
]

export const consumerAndKafka: DashboardPlan = {
  name: 'consumer-and-kafka',
  title: 'Consumer and Kafka',
  description: 'How messages are read, sent and told of.',
  rows: [
    { title: 'Reading', panels: READING },
    { title: 'Sending', panels: SENDING },
    { title: 'Telling', panels: TELLING },
  ],
}
