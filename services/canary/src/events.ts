import { counterOf, gaugeOf, type Logger } from '@whatsapp-sender/service-runtime'
import { Histogram, type Registry } from 'prom-client'
import type { Outcome, Stage } from './messages/follow-message.ts'

const OUTCOMES: readonly Outcome['kind'][] = ['arrived', 'late', 'ended', 'refused', 'unreachable']

/** What becomes of the canary's messages: logged and counted together. */
export function createCanaryEvents(logger: Logger, registry: Registry) {
  let failuresInARow = 0
  const duration = new Histogram({
    name: 'whatsapp_canary_duration_seconds',
    help: "From the request of a canary's message until it was seen to be accepted, sent, delivered or read, as a client sees it. Rising: look at which status the time goes into.",
    labelNames: ['status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300],
    registers: [registry],
  })
  const messages = counterOf(registry, {
    name: 'whatsapp_canary_messages_total',
    help: "The canary's messages. outcome: arrived; late (accepted, and not there in time), ended (it failed), refused (the API says no), unreachable (no answer): users notice the same.",
    label: 'outcome',
    values: OUTCOMES,
  })
  gaugeOf(
    registry,
    'whatsapp_canary_failures_in_a_row',
    "How many of the canary's messages have not arrived, one after the other up to the newest; from 3 on something is wrong.",
    () => failuresInARow,
  )
  return {
    reached: (stage: Stage, seconds: number) => {
      duration.observe({ status: stage }, seconds)
    },
    ended: ({ kind, ...facts }: Outcome) => {
      messages.inc({ outcome: kind })
      const had = failuresInARow
      failuresInARow = kind === 'arrived' ? 0 : had + 1
      if (kind !== 'arrived') logger.warn({ outcome: kind, failuresInARow, ...facts }, 'a canary did not arrive')
      else if (had > 0) logger.info({ failuresBefore: had, ...facts }, 'canaries arrive again')
      else logger.debug(facts, 'a canary has arrived')
    },
    failed: (err: unknown) => logger.error({ err }, 'the canary failed and goes on'),
    failuresInARow: () => failuresInARow,
  }
}
