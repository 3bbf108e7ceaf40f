import { type Alert, BY } from './alert.ts'

/** Of the operator: nothing stops at once, but nobody repairs or changes anything. */
export const OPERATOR: readonly Alert[] = [
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
    name: 'WhatsAppInstancesUnpaired',
    expr: `sum ${BY} (whatsapp_operator_instances{state=~"close|connecting"}) > 0`,
    for: '30m',
    severity: 'warning',
    summary:
      '{{ $value }} WhatsAppInstances have not been connected for half an hour; most likely somebody has to pair a phone.',
  },
  {
    name: 'WhatsAppOperatorCacheSilent',
    expr: `max ${BY} (whatsapp_operator_cache_silent_seconds) > 300`,
    for: '5m',
    severity: 'warning',
    summary: 'The API server has said nothing of a kind for {{ $value | humanizeDuration }}.',
  },
]
