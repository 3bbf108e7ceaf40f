import { counterOf, createFaultLog, type Logger } from '@whatsapp-sender/service-runtime'
import type { AttemptEnd, DisabledReason, WebhookAttempt } from '@whatsapp-sender/store'
import { Counter, Histogram, type Registry } from 'prom-client'

export type WebhookEvents = ReturnType<typeof createWebhookEvents>

/** What happens to webhooks: logged and counted together. Addresses are the users' own and are not logged. */
export function createWebhookEvents(logger: Logger, registry: Registry) {
  const faults = createFaultLog(logger)
  const registers = [registry]
  const made = new Counter({
    name: 'whatsapp_webhook_deliveries_total',
    help: 'Events that were made deliveries of, for one endpoint each.',
    registers,
  })
  const missed = new Counter({
    name: 'whatsapp_webhook_events_missed_total',
    help: 'Message events that were removed by age before webhooks were told; above 0: no consumer ran for a week.',
    registers,
  })
  const attempts = counterOf(registry, {
    name: 'whatsapp_webhook_attempts_total',
    help: 'Posts to endpoints by what became of the delivery: delivered, waiting (tried again later), failed.',
    label: 'outcome',
    values: ['delivered', 'waiting', 'failed'],
  })
  const durations = new Histogram({
    name: 'whatsapp_webhook_attempt_seconds',
    help: 'From the start of a post to its whole answer; many near 20: endpoints that hang.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
    registers,
  })
  const disabled = counterOf(registry, {
    name: 'whatsapp_webhooks_disabled_total',
    help: 'Endpoints that were switched off: gone (answered 410), failing (for a day nothing reached them).',
    label: 'reason',
    values: ['gone', 'failing'],
  })
  const errors = new Counter({
    name: 'whatsapp_webhook_errors_total',
    help: 'Steps on the way of events to endpoints that failed here and are repeated; rising: look at MongoDB.',
    registers,
  })
  return {
    fannedOut: (count: number) => made.inc(count),
    missed: (count: number) => {
      missed.inc(count)
      logger.error({ count }, 'message events were removed before webhooks were told')
    },
    attempted: (outcome: AttemptEnd['state'], { durationMs }: WebhookAttempt) => {
      attempts.inc({ outcome })
      durations.observe(durationMs / 1000)
    },
    disabled: (endpoint: string, reason: DisabledReason) => {
      disabled.inc({ reason })
      logger.warn({ endpoint, reason }, 'a webhook was switched off')
    },
    failed: (error: unknown) => {
      errors.inc()
      faults.warn({ err: error }, 'webhooks could not be served and will be')
    },
  }
}
