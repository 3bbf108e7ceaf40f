import type { Part } from './lifecycle.ts'
import { createHeadSampling } from './tracing/head-sampling.ts'
import { createSpans, type Spans } from './tracing/spans.ts'
import type { TracingEvents } from './tracing/tracing-events.ts'
import type { TracingConfig } from './tracing-env.ts'

/** Stop it last of what makes spans. */
export type Tracing = Part & Spans

/** Undefined without a configuration: then the OpenTelemetry SDK is not even loaded. Connects to nothing. */
export async function createTracing(
  config: TracingConfig | undefined,
  events: TracingEvents,
): Promise<Tracing | undefined> {
  if (config === undefined) return undefined
  const { createOtlpExport } = await import('./tracing/otlp-export.ts')
  const { add, close } = createOtlpExport(config, events)
  const sample = createHeadSampling({ ratio: config.samplingRatio })
  return { name: 'traces', ...createSpans({ sample, add }), stop: close }
}
