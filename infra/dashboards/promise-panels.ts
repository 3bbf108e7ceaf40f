import { BUDGET, brokenPart } from '../src/monitoring/promise.ts'
import type { PanelPlan } from './build-dashboard.ts'
import { chosen, increase, quantile } from './queries.ts'

const broken = (range: string) => brokenPart((metric) => increase(metric, range))

/** 99 % of the messages are sent within 30 s after they could go. */
export const PROMISE: readonly PanelPlan[] = [
  {
    title: 'Kept, of the last hour',
    description:
      'The part of the messages that were sent within 30 s after they could go. Below 99 %: look at the causes.',
    kind: 'stat',
    queries: [{ expr: `1 - (${broken('1h')})`, legend: 'kept' }],
    unit: 'percentunit',
    goodFrom: 1 - BUDGET,
    alert: 'WhatsAppPromiseBreaksFast',
  },
  {
    title: 'Error budget left, of 30 days',
    description: '1 % may be late. 100 %: none was; below 0 more were than is promised.',
    kind: 'stat',
    queries: [{ expr: `1 - (${broken('30d')}) / ${BUDGET}`, legend: 'left' }],
    unit: 'percentunit',
    goodFrom: 0.25,
    alert: 'WhatsAppPromiseBreaksSlowly',
  },
  {
    title: 'Oldest message that could go',
    description: 'For how long it has been able to. Above 300 s: messages do not flow.',
    kind: 'stat',
    queries: [{ expr: `max (${chosen('whatsapp_oldest_due_seconds')})`, legend: 'oldest' }],
    unit: 's',
    badFrom: 300,
    alert: 'WhatsAppDueMessageOld',
  },
  {
    title: 'First that waits for its turn',
    description: 'For how long, its pace included. Hours: more is accepted than the paces let go.',
    kind: 'stat',
    queries: [{ expr: `max (${chosen('whatsapp_oldest_turn_seconds')})`, legend: 'oldest' }],
    unit: 's',
  },
  {
    title: 'From when it could go to sent',
    description: 'Half and 99 % of the messages leave within this time. 99 % above 30 s: the promise is broken.',
    kind: 'lines',
    queries: [
      { expr: quantile(0.5, 'whatsapp_sent_after_due_seconds'), legend: 'half' },
      { expr: quantile(0.99, 'whatsapp_sent_after_due_seconds'), legend: '99 %' },
    ],
    unit: 's',
    badFrom: 30,
    alert: 'WhatsAppPromiseBreaksFast',
  },
  {
    title: 'How fast the budget burns',
    description: '1: it lasts just 30 days. 6 for hours, or 14.4 for an hour: somebody is called.',
    kind: 'lines',
    queries: [
      { expr: `(${broken('1h')}) / ${BUDGET}`, legend: 'of 1 h' },
      { expr: `(${broken('6h')}) / ${BUDGET}`, legend: 'of 6 h' },
    ],
    unit: 'short',
    badFrom: 6,
    alert: 'WhatsAppPromiseBreaksSlowly',
  },
]
