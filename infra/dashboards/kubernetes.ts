import type { DashboardPlan } from './build-dashboard.ts'
import { chosen, quantile, rate, sum } from './queries.ts'

const OURS = 'service=~"api|consumer|operator"'

export const kubernetes: DashboardPlan = {
  name: 'kubernetes',
  title: 'Kubernetes',
  description: 'Our processes, and the operator that looks after them.',
  rows: [
    {
      title: 'Processes',
      panels: [
        {
          title: 'Memory',
          description: 'Resident, by pod. At the limit the kernel ends the process.',
          kind: 'lines',
          queries: [{ expr: sum('process_resident_memory_bytes', { where: OURS, by: 'pod' }), legend: '{{pod}}' }],
          unit: 'bytes',
          alert: 'WhatsAppProcessesRestart',
        },
        {
          title: 'Heap',
          description: 'Of JavaScript, in use, by pod. One that only rises: a leak.',
          kind: 'lines',
          queries: [{ expr: sum('nodejs_heap_size_used_bytes', { where: OURS, by: 'pod' }), legend: '{{pod}}' }],
          unit: 'bytes',
        },
        {
          title: 'CPU',
          description: 'Cores in use, by pod. A Node.js process computes on one.',
          kind: 'lines',
          queries: [{ expr: rate('process_cpu_seconds_total', { where: OURS, by: 'pod' }), legend: '{{pod}}' }],
          unit: 'short',
        },
        {
          title: 'Delay of the event loop',
          description: '99th percentile, by pod. Above 0.1 s a process is busy with itself.',
          kind: 'lines',
          queries: [{ expr: `max by (pod) (${chosen('nodejs_eventloop_lag_p99_seconds', OURS)})`, legend: '{{pod}}' }],
          unit: 's',
          badFrom: 0.1,
        },
        {
          title: 'Certificates',
          description: 'Until they end. Without TLS to Kafka there is nothing to show.',
          kind: 'lines',
          queries: [{ expr: `min by (of) (${chosen('whatsapp_certificate_expiry_seconds')})`, legend: '{{of}}' }],
          unit: 's',
          goodFrom: 1_209_600,
          alert: 'WhatsAppCertificateEnds',
        },
        {
          title: 'Starts',
          description: 'How often processes began anew within 15 minutes.',
          kind: 'lines',
          queries: [
            {
              expr: `sum by (service) (changes(${chosen('process_start_time_seconds', OURS)}[15m]))`,
              legend: '{{service}}',
            },
          ],
          unit: 'short',
          badFrom: 4,
          alert: 'WhatsAppProcessesRestart',
        },
      ],
    },
    {
      title: 'Operator',
      panels: [
        {
          title: 'Leaders',
          description: 'Must be 1.',
          kind: 'stat',
          queries: [{ expr: sum('whatsapp_operator_leader'), legend: 'leaders' }],
          unit: 'short',
          alert: 'WhatsAppOperatorWithoutLeader',
        },
        {
          title: 'Failing',
          description: 'Resources whose last reconcile failed.',
          kind: 'stat',
          queries: [{ expr: sum('whatsapp_operator_queue_keys', { where: 'state="failing"' }), legend: 'resources' }],
          unit: 'short',
          badFrom: 1,
          alert: 'WhatsAppReconcilesFail',
        },
        {
          title: 'Silence of the API server',
          description: 'Since it last said anything of a kind.',
          kind: 'stat',
          queries: [{ expr: `max (${chosen('whatsapp_operator_cache_silent_seconds')})`, legend: 'silent' }],
          unit: 's',
          badFrom: 300,
          alert: 'WhatsAppOperatorCacheSilent',
        },
        {
          title: 'Errors',
          description: 'Steps that failed and are repeated, per second.',
          kind: 'stat',
          queries: [{ expr: rate('whatsapp_operator_errors_total'), legend: 'errors' }],
          unit: 'cps',
        },
        {
          title: 'WhatsAppInstances',
          description: 'By the state of their phone. close for long: somebody has to pair it.',
          kind: 'lines',
          queries: [{ expr: sum('whatsapp_operator_instances', { by: 'state' }), legend: '{{state}}' }],
          unit: 'short',
          alert: 'WhatsAppInstancesUnpaired',
        },
        {
          title: 'Calls of the API',
          description:
            'What the operator asks of it. refused: a person has to change something. failed: the API is away.',
          kind: 'lines',
          queries: [{ expr: rate('whatsapp_operator_api_calls_total', { by: 'result' }), legend: '{{result}}' }],
          unit: 'cps',
        },
        {
          title: 'Reconciles',
          description: 'By controller and result.',
          kind: 'lines',
          queries: [
            {
              expr: rate('whatsapp_operator_reconciles_total', { by: 'controller, result' }),
              legend: '{{controller}} {{result}}',
            },
          ],
          unit: 'cps',
          alert: 'WhatsAppReconcilesFail',
        },
        {
          title: 'Time of a reconcile',
          description: 'Above 5 s the API server is slow.',
          kind: 'lines',
          queries: [
            {
              expr: quantile(0.99, 'whatsapp_operator_reconcile_duration_seconds', { by: 'controller' }),
              legend: '{{controller}}',
            },
          ],
          unit: 's',
          badFrom: 5,
        },
        {
          title: 'Written and removed',
          description: 'In a steady state both are 0.',
          kind: 'lines',
          queries: [
            { expr: rate('whatsapp_operator_applies_total'), legend: 'applied' },
            { expr: rate('whatsapp_operator_removals_total'), legend: 'removed' },
          ],
          unit: 'cps',
        },
      ],
    },
  ],
}
