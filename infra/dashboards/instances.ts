import type { DashboardPlan } from './build-dashboard.ts'
import { chosen, rate, sum } from './queries.ts'

/** How the numbers do, all together: which one it is, the API says (`GET /v1/instances`). */
export const instances: DashboardPlan = {
  name: 'instances',
  title: 'Instances',
  description: 'Numbers and what WhatsApp says of their messages. No series names a number: GET /v1/instances does.',
  rows: [
    {
      title: 'Numbers',
      panels: [
        {
          title: 'At work',
          description: 'Instances that consumers have in memory.',
          kind: 'stat',
          queries: [{ expr: sum('whatsapp_instances_in_memory'), legend: 'instances' }],
          unit: 'short',
        },
        {
          title: 'Shut',
          description: 'Of them, disconnected or wrongly set up.',
          kind: 'stat',
          queries: [{ expr: sum('whatsapp_instances_shut'), legend: 'instances' }],
          unit: 'short',
          badFrom: 1,
          alert: 'WhatsAppInstancesShut',
        },
        {
          title: 'Servers held',
          description: 'Evolution servers whose breaker is open.',
          kind: 'stat',
          queries: [{ expr: `max (${chosen('whatsapp_evolution_held')})`, legend: 'servers' }],
          unit: 'short',
          badFrom: 1,
          alert: 'WhatsAppEvolutionHeld',
        },
        {
          title: 'Stuck',
          description: 'Messages of the last hour that were sent and had no receipt in time.',
          kind: 'stat',
          queries: [{ expr: `sum (increase(${chosen('whatsapp_messages_stuck_total')}[1h]))`, legend: 'messages' }],
          unit: 'short',
          badFrom: 10,
          alert: 'WhatsAppMessagesStuck',
        },
        {
          title: 'Shut instances by consumer',
          description: 'A line that rises on one consumer alone: look at its way to Evolution.',
          kind: 'lines',
          queries: [{ expr: sum('whatsapp_instances_shut', { by: 'pod' }), legend: '{{pod}}' }],
          unit: 'short',
          alert: 'WhatsAppInstancesShut',
        },
        {
          title: 'Ended unsent',
          description:
            'expired: its time ran out. failed: the instance is gone, or not theirs any more. cancelled: somebody called it off.',
          kind: 'lines',
          queries: [
            { expr: rate('whatsapp_messages_ended_unsent_total', { by: 'status' }), legend: '{{status}}' },
            { expr: rate('whatsapp_messages_cancelled_total'), legend: 'cancelled' },
          ],
          unit: 'cps',
        },
      ],
    },
    {
      title: 'Receipts',
      panels: [
        {
          title: 'Receipts',
          description: 'joined: brought to their message. pending: they wait for it. dropped: nobody asked for them.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_receipts_total', { by: 'result' }), legend: '{{result}}' }],
          unit: 'cps',
          alert: 'WhatsAppMessagesStuck',
        },
        {
          title: 'Events of Evolution',
          description: 'refused: the webhook has a wrong secret. failed: Kafka did not take them.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_evolution_events_total', { by: 'result' }), legend: '{{result}}' }],
          unit: 'cps',
          alert: 'WhatsAppEvolutionEventsRefused',
        },
        {
          title: 'Not known whether they left',
          description: 'Sends that timed out or were cut. Each is settled by what Evolution tells, or held.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_ambiguous_sends_total'), legend: 'ambiguous' }],
          unit: 'cps',
        },
        {
          title: 'Questions about stuck messages',
          description: 'What Evolution answered when it was asked.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_status_questions_total', { by: 'result' }), legend: '{{result}}' }],
          unit: 'cps',
        },
      ],
    },
  ],
}
