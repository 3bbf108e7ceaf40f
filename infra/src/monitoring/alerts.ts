/** A condition that somebody should know of. */
export type Alert = Readonly<{
  /** Also the name of its runbook in docs/runbooks. */
  name: string
  /** PromQL; true while it yields something. One result per namespace. */
  expr: string
  /** How long it has to be so, such as `10m`; `0m`: at once. */
  for: string
  /** `critical`: messages do not flow or are lost, now. `warning`: it will come to that, or concerns a part. */
  severity: 'critical' | 'warning'
  /** One sentence; `{{ $value }}` is what `expr` yields. */
  summary: string
}>

const BY = 'by (namespace)'

/** How often something happened lately, per namespace; without a sample there is nothing to compare. */
function increased(metric: string, range: string): string {
  return `sum ${BY} (increase(${metric}[${range}]))`
}

/** What users notice. */
const SYMPTOMS: readonly Alert[] = [
  {
    name: 'WhatsAppMessagesNotLeaving',
    expr: `sum ${BY} (whatsapp_messages_due) > 0 unless ${increased('whatsapp_sends_total{outcome="sent"}', '5m')} > 0`,
    for: '5m',
    severity: 'critical',
    summary: '{{ $value }} messages could go, and none has been sent for ten minutes.',
  },
  {
    name: 'WhatsAppMessagesRefused',
    expr: `${increased('whatsapp_messages_refused_total{reason=~"overloaded|unavailable|accept-unknown"}', '5m')} > 0`,
    for: '2m',
    severity: 'critical',
    summary: 'Clients are answered 503: {{ $value | humanize }} messages in five minutes.',
  },
  {
    name: 'WhatsAppAcceptedMessagesLost',
    expr: `${increased('whatsapp_records_skipped_total', '15m')} > 0`,
    for: '0m',
    severity: 'critical',
    summary: 'Kafka dropped {{ $value | humanize }} accepted messages before they were read.',
  },
  {
    name: 'WhatsAppSendsFail',
    expr: `${increased('whatsapp_sends_total{outcome=~"failed|dead-lettered|unknown"}', '15m')} / ${increased('whatsapp_sends_total{outcome=~"sent|failed|dead-lettered|unknown"}', '15m')} > 0.05 and ${increased('whatsapp_sends_total{outcome=~"failed|dead-lettered|unknown"}', '15m')} > 5`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of what ended in a quarter of an hour did not reach WhatsApp.',
  },
  {
    name: 'WhatsAppMessagesWaitForSlots',
    expr: `min_over_time(sum ${BY} (whatsapp_messages_due)[15m:1m]) > 0`,
    for: '0m',
    severity: 'warning',
    summary: 'For 15 minutes messages that could go have been waiting for a free slot, {{ $value }} at least.',
  },
  {
    name: 'WhatsAppMessagesMaybeTwice',
    expr: `${increased('whatsapp_late_outcomes_total', '1h')} > 0`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | humanize }} messages may have been sent twice within an hour.',
  },
  {
    name: 'WhatsAppApiErrors',
    expr: `${increased('whatsapp_http_request_duration_seconds_count{status="5xx"}', '10m')} / ${increased('whatsapp_http_request_duration_seconds_count', '10m')} > 0.01`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of the requests are answered with an error of the server.',
  },
]

/** Why users notice something, or will. */
const CAUSES: readonly Alert[] = [
  {
    name: 'WhatsAppEvolutionHeld',
    expr: `max ${BY} (whatsapp_evolution_held) > 0`,
    for: '5m',
    severity: 'critical',
    summary: 'Evolution API fails on {{ $value }} servers; all that waits for them is held.',
  },
  {
    name: 'WhatsAppInstancesShut',
    expr: `sum ${BY} (min_over_time(whatsapp_instances_shut[10m])) > 0`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value }} instances have been disconnected or wrongly set up for ten minutes; their messages wait.',
  },
  {
    name: 'WhatsAppConsumersMissing',
    expr: `count ${BY} (whatsapp_event_streams_open) unless count ${BY} (whatsapp_messages_due)`,
    for: '5m',
    severity: 'critical',
    summary: 'The API runs and no consumer is to be seen: messages are accepted and none is sent.',
  },
  {
    name: 'WhatsAppApiMissing',
    expr: `count ${BY} (whatsapp_messages_due) unless count ${BY} (whatsapp_event_streams_open)`,
    for: '5m',
    severity: 'critical',
    summary: 'Consumers run and no API is to be seen: no message is accepted.',
  },
  {
    name: 'WhatsAppRecordsBehind',
    expr: `min_over_time(sum ${BY} (whatsapp_records_behind)[10m:1m]) > 1000`,
    for: '0m',
    severity: 'warning',
    summary: 'At least {{ $value }} accepted messages have been unread for ten minutes.',
  },
  {
    name: 'WhatsAppRecordsUndecodable',
    expr: `${increased('whatsapp_records_ingested_total{result="undecodable"}', '1h')} > 0`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | humanize }} records of the topic could not become messages.',
  },
  {
    name: 'WhatsAppDeadLetters',
    expr: `${increased('whatsapp_sends_total{outcome="dead-lettered"}', '1h')} > 0`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | humanize }} messages used up their attempts within an hour.',
  },
  {
    name: 'WhatsAppMessagesStuck',
    expr: `${increased('whatsapp_messages_stuck_total', '30m')} > 10`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | humanize }} messages were sent and no receipt came.',
  },
  {
    name: 'WhatsAppEvolutionEventsRefused',
    expr: `${increased('whatsapp_evolution_events_total{result=~"refused|failed"}', '10m')} > 0`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $value | humanize }} events of Evolution were not taken: receipts and states are missing.',
  },
  {
    name: 'WhatsAppOwnersDisagree',
    expr: `${increased('whatsapp_claims_total{result="lost"}', '15m')} > 20`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $value | humanize }} claims were lost: two consumers believe that they own an instance.',
  },
  {
    name: 'WhatsAppRebalancesGoOn',
    expr: `${increased('whatsapp_rebalances_total', '30m')} > 20`,
    for: '0m',
    severity: 'warning',
    summary: 'Partitions were assigned {{ $value | humanize }} times within half an hour: consumers come and go.',
  },
  {
    name: 'WhatsAppConsumerErrors',
    expr: `sum ${BY} (rate(whatsapp_consumer_errors_total[5m])) > 0.2`,
    for: '10m',
    severity: 'warning',
    summary: 'Steps of consumers fail all the time and are repeated.',
  },
  {
    name: 'WhatsAppEventsUnpublished',
    expr: `max ${BY} (whatsapp_events_oldest_unpublished_seconds) > 300`,
    for: '10m',
    severity: 'warning',
    summary: 'Message events have been waiting for {{ $value | humanizeDuration }} to be published.',
  },
  {
    name: 'WhatsAppEventsMissed',
    expr: `${increased('whatsapp_events_missed_total', '1h')} + ${increased('whatsapp_webhook_events_missed_total', '1h')} > 0`,
    for: '0m',
    severity: 'critical',
    summary: '{{ $value | humanize }} events were removed by age before anybody was told.',
  },
  {
    name: 'WhatsAppWebhooksSwitchedOff',
    expr: `${increased('whatsapp_webhooks_disabled_total', '1h')} > 0`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | humanize }} webhook endpoints were switched off within an hour.',
  },
  {
    name: 'WhatsAppProcessesRestart',
    expr: `sum ${BY} (changes(process_start_time_seconds{service=~"api|consumer|operator"}[15m])) > 3`,
    for: '0m',
    severity: 'warning',
    summary: 'Our processes began anew {{ $value }} times in a quarter of an hour.',
  },
]

/** Of the operator: nothing stops at once, but nobody repairs or changes anything. */
const OPERATOR: readonly Alert[] = [
  {
    name: 'WhatsAppOperatorWithoutLeader',
    expr: `sum ${BY} (whatsapp_operator_leader) == 0`,
    for: '5m',
    severity: 'warning',
    summary: 'No operator process leads: changes of resources are not carried out.',
  },
  {
    name: 'WhatsAppReconcilesFail',
    expr: `sum ${BY} (min_over_time(whatsapp_operator_queue_keys{state="failing"}[10m])) > 0`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value }} resources have failed to reconcile for ten minutes.',
  },
  {
    name: 'WhatsAppOperatorCacheSilent',
    expr: `max ${BY} (whatsapp_operator_cache_silent_seconds) > 300`,
    for: '5m',
    severity: 'warning',
    summary: 'The API server has said nothing of a kind for {{ $value | humanizeDuration }}.',
  },
]

/** All alerts by group, symptoms first: those are what to be woken by. */
export const ALERT_GROUPS: Readonly<Record<string, readonly Alert[]>> = {
  'whatsapp-sender.symptoms': SYMPTOMS,
  'whatsapp-sender.causes': CAUSES,
  'whatsapp-sender.operator': OPERATOR,
}
