import { type Alert, BY, happened, increased } from './alert.ts'
import { BUDGET, brokenCount, brokenPart } from './promise.ts'

/** From so many broken promises on; a single one of three is no trend. */
const BROKEN_MIN = 10

/**
 * The budget of 30 days is used up so many times faster than it may be, for a long while and still now: two windows, as in
 * the SRE Workbook, chapter 5, table 5-8.
 */
function burns({ rate, long, now }: Readonly<{ rate: number; long: string; now: string }>): string {
  const most = Number((rate * BUDGET).toFixed(4))
  const broken = (range: string) => `(${brokenPart((metric) => increased(metric, range))}) > ${most}`
  return `${broken(long)} and ${broken(now)} and ${brokenCount((metric) => increased(metric, long))} > ${BROKEN_MIN}`
}

/** What users notice. */
export const SYMPTOMS: readonly Alert[] = [
  {
    name: 'WhatsAppMessagesNotLeaving',
    expr: `sum ${BY} (whatsapp_messages_due) + sum ${BY} (whatsapp_sends_in_flight) > 0 unless ${increased('whatsapp_sends_total{outcome="sent"}', '5m')} > 0`,
    for: '5m',
    severity: 'critical',
    summary: '{{ $value }} messages could go or are under way, and none has been sent for ten minutes.',
  },
  {
    name: 'WhatsAppCanaryFailing',
    expr: `max ${BY} (whatsapp_canary_failures_in_a_row) > 2`,
    for: '0m',
    severity: 'critical',
    summary:
      'The last {{ $value }} canary messages did not arrive: the whole way does not work, whatever its parts say.',
  },
  {
    name: 'WhatsAppDueMessageOld',
    expr: `max ${BY} (whatsapp_oldest_due_seconds) > 300`,
    for: '2m',
    severity: 'critical',
    summary: 'A message could have gone {{ $value | humanizeDuration }} ago and has not left.',
  },
  {
    name: 'WhatsAppPromiseBreaksFast',
    expr: burns({ rate: 14.4, long: '1h', now: '5m' }),
    for: '2m',
    severity: 'critical',
    summary: '{{ $value | humanizePercentage }} of the messages of an hour left later than 30 s after they could.',
  },
  {
    name: 'WhatsAppPromiseBreaksSlowly',
    expr: burns({ rate: 6, long: '6h', now: '30m' }),
    for: '15m',
    severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of the messages of six hours left later than 30 s after they could.',
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
    expr: happened('whatsapp_records_skipped_total', '15m'),
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
    expr: happened('whatsapp_late_outcomes_total', '30m'),
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | humanize }} messages may have been sent twice within half an hour.',
  },
  {
    name: 'WhatsAppApiErrors',
    expr: `${increased('whatsapp_http_request_duration_seconds_count{status="5xx"}', '10m')} / ${increased('whatsapp_http_request_duration_seconds_count', '10m')} > 0.01`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of the requests are answered with an error of the server.',
  },
]
