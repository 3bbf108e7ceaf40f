import type { DashboardPlan } from './build-dashboard.ts'
import { quantile, rate, sum } from './queries.ts'

export const api: DashboardPlan = {
  name: 'api',
  title: 'API',
  description: 'What clients meet, and how Kafka takes what they send.',
  rows: [
    {
      title: 'Clients',
      panels: [
        {
          title: 'Requests',
          description: 'By class of status. Many 5xx: look at the log. Many 4xx: a client is wrong.',
          kind: 'lines',
          queries: [
            { expr: rate('whatsapp_http_request_duration_seconds_count', { by: 'status' }), legend: '{{status}}' },
          ],
          unit: 'reqps',
          alert: 'WhatsAppApiErrors',
        },
        {
          title: 'Time of an answer',
          description: '99 % of the requests of each kind are answered within this time.',
          kind: 'lines',
          queries: [
            { expr: quantile(0.99, 'whatsapp_http_request_duration_seconds', { by: 'method' }), legend: '{{method}}' },
          ],
          unit: 's',
        },
        {
          title: 'The slowest routes',
          description: 'The mean time of an answer, of the ten routes that take longest.',
          kind: 'lines',
          queries: [
            {
              expr: `topk(10, ${rate('whatsapp_http_route_seconds_total', { by: 'method, route' })} / (${rate('whatsapp_http_route_requests_total', { by: 'method, route' })} > 0))`,
              legend: '{{method}} {{route}}',
            },
          ],
          unit: 's',
        },
        {
          title: 'Refused requests',
          description:
            'The ten most frequent problems that are answered, by code. One 4xx all the time: a client is wrong.',
          kind: 'lines',
          queries: [
            { expr: `topk(10, ${rate('whatsapp_requests_refused_total', { by: 'code' })})`, legend: '{{code}}' },
          ],
          unit: 'cps',
          alert: 'WhatsAppApiErrors',
        },
        {
          title: 'Event streams',
          description: 'Open ones. Near 1,000 in a process some are refused.',
          kind: 'lines',
          queries: [
            { expr: sum('whatsapp_event_streams_open', { by: 'pod' }), legend: '{{pod}}' },
            { expr: rate('whatsapp_event_streams_ended_total', { by: 'why' }), legend: 'ended per second: {{why}}' },
          ],
          unit: 'short',
          badFrom: 900,
        },
      ],
    },
    {
      title: 'Kafka',
      panels: [
        {
          title: 'Time until the broker answers',
          description: 'Above 1 s callers begin to be refused.',
          kind: 'lines',
          queries: [
            { expr: quantile(0.99, 'whatsapp_produce_duration_seconds', { by: 'topic' }), legend: '{{topic}}' },
          ],
          unit: 's',
          badFrom: 1,
          alert: 'WhatsAppMessagesRefused',
        },
        {
          title: 'Records in a batch',
          description: 'Near 500 the broker is the limit.',
          kind: 'lines',
          queries: [{ expr: quantile(0.95, 'whatsapp_produce_batch_records', { by: 'topic' }), legend: '{{topic}}' }],
          unit: 'short',
          badFrom: 450,
          alert: 'WhatsAppMessagesRefused',
        },
        {
          title: 'Producers given up',
          description: 'After a send or a connection that failed.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_producers_lost_total', { by: 'topic' }), legend: '{{topic}}' }],
          unit: 'cps',
          alert: 'WhatsAppMessagesRefused',
        },
        {
          title: 'Refused',
          description: 'Valid messages that were not accepted, by reason.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_messages_refused_total', { by: 'reason' }), legend: '{{reason}}' }],
          unit: 'cps',
          alert: 'WhatsAppMessagesRefused',
        },
      ],
    },
  ],
}
