import { createFaultLog, gaugeOf, type Logger } from '@whatsapp-sender/service-runtime'
import { Counter, Histogram, type Registry } from 'prom-client'

/** What happens on the way of events to their readers: logged and counted together. */
export function createNotifyEvents(
  logger: Logger,
  registry: Registry,
  gauges: Readonly<{ waiting(): number; oldestSeconds(): number }>,
) {
  const faults = createFaultLog(logger)
  const registers = [registry]
  gaugeOf(
    registry,
    'whatsapp_events_unpublished',
    'Message events that are not in topic messages.events yet; rising: look at Kafka. 0 where another consumer publishes.',
    gauges.waiting,
  )
  gaugeOf(
    registry,
    'whatsapp_events_oldest_unpublished_seconds',
    'Age of the oldest of them; beyond 7 days events are lost. 0 where another consumer publishes.',
    gauges.oldestSeconds,
  )
  const published = new Counter({
    name: 'whatsapp_events_published_total',
    help: 'Message events written to topic messages.events, those that came again included.',
    registers,
  })
  const missed = new Counter({
    name: 'whatsapp_events_missed_total',
    help: 'Message events that were removed by age before they were published; above 0: a reader of the topic missed them.',
    registers,
  })
  const delay = new Histogram({
    name: 'whatsapp_event_delay_seconds',
    help: 'From the change of a message to its event in the topic; above a few seconds: look at MongoDB and Kafka.',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600],
    registers,
  })
  const errors = new Counter({
    name: 'whatsapp_event_errors_total',
    help: 'Steps of copying and publishing that failed and are repeated.',
    registers,
  })
  return {
    published: (delaysSeconds: readonly number[]) => {
      published.inc(delaysSeconds.length)
      for (const seconds of delaysSeconds) delay.observe(Math.max(0, seconds))
    },
    missed: (count: number) => {
      missed.inc(count)
      logger.error({ count }, 'message events were removed before they were published')
    },
    failed: (error: unknown) => {
      errors.inc()
      faults.warn({ err: error }, 'message events could not be told and will be')
    },
  }
}
