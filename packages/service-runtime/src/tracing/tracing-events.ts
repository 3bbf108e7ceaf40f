import type { Registry } from 'prom-client'
import type { Logger } from '../logger.ts'
import { counterOf } from '../registry.ts'

export type TracingEvents = ReturnType<typeof createTracingEvents>

/** What happens to traces on their way out: logged and counted together. A collector that is away is told of once. */
export function createTracingEvents(logger: Pick<Logger, 'info' | 'warn'>, registry: Registry) {
  const dropped = counterOf(registry, {
    name: 'whatsapp_spans_dropped_total',
    help: 'Spans that were not exported. reason: queue-full (more than the collector takes), not-taken (it refused them, or is away). Messages are not concerned.',
    label: 'reason',
    values: ['queue-full', 'not-taken'],
  })
  return {
    dropped: (reason: 'queue-full' | 'not-taken', spans: number) => dropped.inc({ reason }, spans),
    collectorLost: (err: unknown) => logger.warn({ err }, 'the collector takes no traces'),
    collectorBack: () => logger.info('the collector takes traces again'),
  }
}
