import type { SeriesByName } from './promtool.ts'

/** By the name of an alert: what makes it fire, and what looks alike and must not. Both for an hour. */
export type AlertCase = Readonly<{ fires: SeriesByName; quiet: SeriesByName }>

const NONE = '0x60'
const CONSUMER = '{namespace="wa",pod="wa-consumer-1",service="consumer"}'
const API = '{namespace="wa",pod="wa-api-1",service="api"}'
const CANARY = '{namespace="wa",pod="wa-canary-1",service="canary"}'
const OPERATOR = '{namespace="wa",pod="operator-1",service="operator"}'

function of(target: string, metric: string, labels = ''): string {
  return `${metric}${labels === '' ? target : target.replace('{', `{${labels},`)}`
}
const consumer = (metric: string, labels?: string) => of(CONSUMER, metric, labels)
const api = (metric: string, labels?: string) => of(API, metric, labels)
const canary = (metric: string) => of(CANARY, metric)
const operator = (metric: string, labels?: string) => of(OPERATOR, metric, labels)

const SENT = consumer('whatsapp_sends_total', 'outcome="sent"')
const DEAD = consumer('whatsapp_sends_total', 'outcome="dead-lettered"')
const DUE = consumer('whatsapp_messages_due')
const OPEN = consumer('whatsapp_sends_in_flight')
const STREAMS = api('whatsapp_event_streams_open')

/** Messages of each minute that left within 30 s after they could, and all. */
function leaving(inTime: string, all: string): SeriesByName {
  return {
    [consumer('whatsapp_sent_after_due_seconds_bucket', 'le="30"')]: inTime,
    [consumer('whatsapp_sent_after_due_seconds_count')]: all,
    [DEAD]: NONE,
  }
}

export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  WhatsAppMessagesNotLeaving: {
    fires: { [DUE]: NONE, [OPEN]: '2x60', [SENT]: '900x60' },
    quiet: { [DUE]: '40x60', [OPEN]: '2x60', [SENT]: '0+1x60' },
  },
  WhatsAppDueMessageOld: {
    fires: { [consumer('whatsapp_oldest_due_seconds')]: '0+60x60' },
    quiet: { [consumer('whatsapp_oldest_due_seconds')]: '0x50 0+60x5 0x5' },
  },
  WhatsAppPromiseBreaksFast: {
    fires: leaving('0+80x60', '0+100x60'),
    quiet: leaving('0+80x50 4000+100x10', '0+100x60'),
  },
  WhatsAppPromiseBreaksSlowly: {
    fires: leaving('0+92x60', '0+100x60'),
    quiet: leaving('0+95x60', '0+100x60'),
  },
  WhatsAppCanaryFailing: {
    fires: { [canary('whatsapp_canary_failures_in_a_row')]: '0x50 1+1x10' },
    quiet: { [canary('whatsapp_canary_failures_in_a_row')]: '2x60' },
  },
  WhatsAppMessagesRefused: {
    fires: { [api('whatsapp_messages_refused_total', 'reason="overloaded"')]: '0+5x60' },
    quiet: { [api('whatsapp_messages_refused_total', 'reason="instance-not-found"')]: '0+5x60' },
  },
  WhatsAppAcceptedMessagesLost: {
    fires: { [consumer('whatsapp_records_skipped_total')]: '0x50 3x10' },
    quiet: { [consumer('whatsapp_records_skipped_total')]: '3x60' },
  },
  WhatsAppSendsFail: {
    fires: { [SENT]: '0+90x60', [DEAD]: '0+10x60' },
    quiet: { [SENT]: '0+99x60', [DEAD]: '0+1x60' },
  },
  WhatsAppMessagesWaitForSlots: {
    fires: { [DUE]: '1x60' },
    quiet: { [DUE]: '50x40 0x10 50x10' },
  },
  WhatsAppMessagesMaybeTwice: {
    fires: { [consumer('whatsapp_late_outcomes_total')]: '0x40 1x20' },
    quiet: { [consumer('whatsapp_late_outcomes_total')]: '1x60' },
  },
  WhatsAppApiErrors: {
    fires: {
      [api('whatsapp_http_request_duration_seconds_count', 'status="2xx"')]: '0+90x60',
      [api('whatsapp_http_request_duration_seconds_count', 'status="5xx"')]: '0+2x60',
    },
    quiet: {
      [api('whatsapp_http_request_duration_seconds_count', 'status="2xx"')]: '0+90x60',
      [api('whatsapp_http_request_duration_seconds_count', 'status="4xx"')]: '0+50x60',
    },
  },
  WhatsAppEvolutionHeld: {
    fires: { [consumer('whatsapp_evolution_held')]: '1x60' },
    quiet: { [consumer('whatsapp_evolution_held')]: '0x56 1x4' },
  },
  WhatsAppInstancesShut: {
    fires: { [consumer('whatsapp_instances_shut')]: '2x60' },
    quiet: { [consumer('whatsapp_instances_shut')]: '2x52 0x2 2x6' },
  },
  WhatsAppConsumersMissing: {
    fires: { [STREAMS]: NONE },
    quiet: { [STREAMS]: NONE, [DUE]: NONE },
  },
  WhatsAppApiMissing: {
    fires: { [DUE]: NONE },
    quiet: { [STREAMS]: NONE, [DUE]: NONE },
  },
  WhatsAppRecordsBehind: {
    fires: { [consumer('whatsapp_records_behind')]: '2000x60' },
    quiet: { [consumer('whatsapp_records_behind')]: '2000x55 0x5' },
  },
  WhatsAppRetentionNear: {
    fires: { [consumer('whatsapp_oldest_unread_seconds')]: '90000+60x60' },
    quiet: { [consumer('whatsapp_oldest_unread_seconds')]: '3600+60x60' },
  },
  WhatsAppPartitionsBlocked: {
    fires: { [consumer('whatsapp_partitions_blocked')]: '1x60' },
    quiet: { [consumer('whatsapp_partitions_blocked')]: '1x50 0x2 1x8' },
  },
  WhatsAppRecordsUndecodable: {
    fires: { [consumer('whatsapp_records_ingested_total', 'result="undecodable"')]: '0x40 1x20' },
    quiet: { [consumer('whatsapp_records_ingested_total', 'result="inserted"')]: '0+9x60' },
  },
  WhatsAppDeadLetters: {
    fires: { [DEAD]: '0x40 1x20' },
    quiet: { [SENT]: '0+9x60', [DEAD]: '1x60' },
  },
  WhatsAppMessagesStuck: {
    fires: { [consumer('whatsapp_messages_stuck_total')]: '0+1x60' },
    quiet: { [consumer('whatsapp_messages_stuck_total')]: '0x50 4x10' },
  },
  WhatsAppEvolutionEventsRefused: {
    fires: { [api('whatsapp_evolution_events_total', 'result="refused"')]: '0+1x60' },
    quiet: {
      [api('whatsapp_evolution_events_total', 'result="stored"')]: '0+9x60',
      [api('whatsapp_evolution_events_total', 'result="refused"')]: '0x51 3x8',
    },
  },
  WhatsAppOwnersDisagree: {
    fires: { [consumer('whatsapp_claims_total', 'result="lost"')]: '0+5x60' },
    quiet: { [consumer('whatsapp_claims_total', 'result="lost"')]: '0x50 5x10' },
  },
  WhatsAppLeasesLost: {
    fires: {
      [consumer('whatsapp_lease_renewals_total', 'result="late"')]: NONE,
      [consumer('whatsapp_lease_age_seconds')]: '4x58 25x2',
    },
    quiet: {
      [consumer('whatsapp_lease_renewals_total', 'result="late"')]: '1x60',
      [consumer('whatsapp_lease_age_seconds')]: '12x60',
    },
  },
  WhatsAppRebalancesGoOn: {
    fires: { [consumer('whatsapp_rebalances_total')]: '0+1x60' },
    quiet: { [consumer('whatsapp_rebalances_total')]: '0x40 6x20' },
  },
  WhatsAppConsumerErrors: {
    fires: { [consumer('whatsapp_consumer_errors_total')]: '0+30x60' },
    quiet: { [consumer('whatsapp_consumer_errors_total')]: '0+5x60' },
  },
  WhatsAppEventsUnpublished: {
    fires: { [consumer('whatsapp_events_oldest_unpublished_seconds')]: '400x60' },
    quiet: { [consumer('whatsapp_events_oldest_unpublished_seconds')]: '200x60' },
  },
  WhatsAppEventsMissed: {
    fires: {
      [consumer('whatsapp_events_missed_total')]: '0x40 2x20',
      [consumer('whatsapp_webhook_events_missed_total')]: NONE,
    },
    quiet: {
      [consumer('whatsapp_events_missed_total')]: '2x60',
      [consumer('whatsapp_webhook_events_missed_total')]: NONE,
    },
  },
  WhatsAppWebhooksSwitchedOff: {
    fires: { [consumer('whatsapp_webhooks_disabled_total', 'reason="gone"')]: '0x40 1x20' },
    quiet: { [consumer('whatsapp_webhooks_disabled_total', 'reason="gone"')]: '1x60' },
  },
  WhatsAppCertificateEnds: {
    fires: {
      [consumer('whatsapp_certificate_expiry_seconds', 'of="kafka-broker"')]: '1000000-60x60',
      [consumer('whatsapp_certificate_expiry_seconds', 'of="kafka-authority"')]: '9000000-60x60',
    },
    quiet: { [consumer('whatsapp_certificate_expiry_seconds', 'of="kafka-broker"')]: '1300000-60x60' },
  },
  WhatsAppProcessesRestart: {
    fires: { [consumer('process_start_time_seconds')]: '0+1x60' },
    quiet: { [consumer('process_start_time_seconds')]: '0x50 1x10' },
  },
  WhatsAppOperatorWithoutLeader: {
    fires: { [operator('whatsapp_operator_leader')]: NONE },
    quiet: { [operator('whatsapp_operator_leader')]: '1x60' },
  },
  WhatsAppReconcilesFail: {
    fires: { [operator('whatsapp_operator_queue_keys', 'controller="senders",state="failing"')]: '1x60' },
    quiet: { [operator('whatsapp_operator_queue_keys', 'controller="senders",state="waiting"')]: '9x60' },
  },
  WhatsAppInstancesUnpaired: {
    fires: {
      [operator('whatsapp_operator_instances', 'state="close"')]: '0x20 2x40',
      [operator('whatsapp_operator_instances', 'state="connecting"')]: NONE,
    },
    quiet: {
      [operator('whatsapp_operator_instances', 'state="close"')]: '2x40 0x2 2x18',
      [operator('whatsapp_operator_instances', 'state="open"')]: '9x60',
    },
  },
  WhatsAppOperatorCacheSilent: {
    fires: { [operator('whatsapp_operator_cache_silent_seconds', 'kind="WhatsAppSender"')]: '0+60x60' },
    quiet: { [operator('whatsapp_operator_cache_silent_seconds', 'kind="WhatsAppSender"')]: '100x60' },
  },
}
