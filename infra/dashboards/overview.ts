import type { DashboardPlan, PanelPlan } from './build-dashboard.ts'
import { PROMISE } from './promise-panels.ts'
import { chosen, quantile, rate, sum } from './queries.ts'

const ENDED = 'outcome=~"sent|failed|dead-lettered|unknown"'
const NOT_SENT = 'outcome=~"failed|dead-lettered|unknown"'

/** What is unfinished, as counted in the database. */
const BACKLOG: readonly PanelPlan[] = [
  {
    title: 'Unfinished',
    description: 'Messages in the database by status. uncounted: what is beyond 100,000.',
    kind: 'lines',
    queries: [{ expr: sum('whatsapp_messages', { by: 'status' }), legend: '{{status}}' }],
    unit: 'short',
  },
  {
    title: 'What they wait for',
    description:
      'schedule, retry and paused: as somebody wants it. instance: a phone is not connected. turn: pace, caps, a slot.',
    kind: 'lines',
    queries: [{ expr: sum('whatsapp_messages_waiting', { by: 'reason' }), legend: '{{reason}}' }],
    unit: 'short',
    alert: 'WhatsAppInstancesShut',
  },
  {
    title: 'Dead letters that ask for a decision',
    description:
      'Messages that failed, were given up, or may have been sent: to be replayed or discarded. 10,000 at most.',
    kind: 'stat',
    queries: [{ expr: sum('whatsapp_dead_letters'), legend: 'messages' }],
    unit: 'short',
    badFrom: 1,
    alert: 'WhatsAppDeadLetters',
  },
]

/** Is it flowing? */
export const overview: DashboardPlan = {
  name: 'overview',
  title: 'Overview',
  description: 'Whether messages flow, and what keeps them.',
  rows: [
    {
      title: 'Is it flowing?',
      panels: [
        {
          title: 'Accepted',
          description: 'Messages answered with 202, per second, without repetitions.',
          kind: 'stat',
          queries: [
            { expr: rate('whatsapp_messages_accepted_total', { where: 'replay="false"' }), legend: 'accepted' },
          ],
          unit: 'cps',
        },
        {
          title: 'Sent',
          description: 'Messages that left, per second.',
          kind: 'stat',
          queries: [{ expr: rate('whatsapp_sends_total', { where: 'outcome="sent"' }), legend: 'sent' }],
          unit: 'cps',
        },
        {
          title: 'Did not reach WhatsApp',
          description: 'Of all that ended by a send, the part that failed, was given up or is not known.',
          kind: 'stat',
          queries: [
            {
              expr: `${rate('whatsapp_sends_total', { where: NOT_SENT })} / ${rate('whatsapp_sends_total', { where: ENDED })}`,
              legend: 'not sent',
            },
          ],
          unit: 'percentunit',
          badFrom: 0.05,
          alert: 'WhatsAppSendsFail',
        },
        {
          title: 'Could go, and lack a slot',
          description:
            'Messages that wait for nothing but a free request to Evolution. Above 0 for long: add consumers.',
          kind: 'stat',
          queries: [{ expr: sum('whatsapp_messages_due'), legend: 'due' }],
          unit: 'short',
          badFrom: 1000,
          alert: 'WhatsAppMessagesWaitForSlots',
        },
        {
          title: 'In and out',
          description: 'Accepted, read from Kafka, and sent. Where the lines part for long, messages pile up.',
          kind: 'lines',
          queries: [
            { expr: rate('whatsapp_messages_accepted_total', { where: 'replay="false"' }), legend: 'accepted' },
            { expr: rate('whatsapp_records_ingested_total', { where: 'result="inserted"' }), legend: 'read' },
            { expr: rate('whatsapp_sends_total', { where: 'outcome="sent"' }), legend: 'sent' },
          ],
          unit: 'cps',
        },
        {
          title: 'From accepted to sent',
          description: 'Half and 99 % of the messages leave within this time, waits for pace and schedule included.',
          kind: 'lines',
          queries: [
            { expr: quantile(0.5, 'whatsapp_sent_after_seconds'), legend: 'half' },
            { expr: quantile(0.99, 'whatsapp_sent_after_seconds'), legend: '99 %' },
          ],
          unit: 's',
        },
      ],
    },
    { title: 'The promise', panels: PROMISE },
    { title: 'What is unfinished', panels: BACKLOG },
    {
      title: 'Canary',
      panels: [
        {
          title: 'Canaries that did not arrive',
          description: 'In a row, up to the newest. 3 and more: the whole way does not work. No data: none runs.',
          kind: 'stat',
          queries: [{ expr: `max (${chosen('whatsapp_canary_failures_in_a_row')})`, legend: 'in a row' }],
          unit: 'short',
          badFrom: 3,
          alert: 'WhatsAppCanaryFailing',
        },
        {
          title: 'From its request to',
          description: 'What 95 % of the canary messages need to be accepted, sent, delivered and read.',
          kind: 'lines',
          queries: [
            { expr: quantile(0.95, 'whatsapp_canary_duration_seconds', { by: 'status' }), legend: '{{status}}' },
          ],
          unit: 's',
        },
      ],
    },
    {
      title: 'What keeps it',
      panels: [
        {
          title: 'Refused',
          description: 'Messages that were not accepted, by reason. overloaded, unavailable and accept-unknown: Kafka.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_messages_refused_total', { by: 'reason' }), legend: '{{reason}}' }],
          unit: 'cps',
          alert: 'WhatsAppMessagesRefused',
        },
        {
          title: 'Sends by outcome',
          description: 'queued: will be tried again. released: not counted, for the instance or the server was down.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_sends_total', { by: 'outcome' }), legend: '{{outcome}}' }],
          unit: 'cps',
          alert: 'WhatsAppSendsFail',
        },
        {
          title: 'Held by a breaker',
          description: 'Evolution servers to which nothing is sent because they fail.',
          kind: 'stat',
          queries: [{ expr: `max (${chosen('whatsapp_evolution_held')})`, legend: 'servers' }],
          unit: 'short',
          badFrom: 1,
          alert: 'WhatsAppEvolutionHeld',
        },
        {
          title: 'Shut instances',
          description: 'Instances that are disconnected or wrongly set up; their messages wait.',
          kind: 'stat',
          queries: [{ expr: sum('whatsapp_instances_shut'), legend: 'instances' }],
          unit: 'short',
          badFrom: 1,
          alert: 'WhatsAppInstancesShut',
        },
        {
          title: 'Not read yet',
          description: 'Accepted messages that no consumer has read.',
          kind: 'stat',
          queries: [{ expr: sum('whatsapp_records_behind'), legend: 'messages' }],
          unit: 'short',
          badFrom: 1000,
          alert: 'WhatsAppRecordsBehind',
        },
        {
          title: 'Dead letters',
          description: 'Messages that used up their attempts in the last hour.',
          kind: 'stat',
          queries: [
            {
              expr: `sum (increase(${chosen('whatsapp_sends_total', 'outcome="dead-lettered"')}[1h]))`,
              legend: 'messages',
            },
          ],
          unit: 'short',
          badFrom: 1,
          alert: 'WhatsAppDeadLetters',
        },
      ],
    },
  ],
}
