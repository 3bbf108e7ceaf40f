/**
 * The one home of the OpenTelemetry SDK, loaded only when something is traced: it gathers, encodes and posts. What a span
 * is, and which ones there are, is ours.
 */
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { type HrTime, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace'
import type { TracingConfig } from '../tracing-env.ts'
import type { FinishedSpan } from './spans.ts'
import type { TraceContext } from './trace-context.ts'
import type { TracingEvents } from './tracing-events.ts'

/** Spans that wait for the collector or are on their way to it: with all of them the process has some 8 MB more. */
const WAITING_MAX = 4096
const BATCH_MAX = 512
const GATHER_MS = 1000
const POST_TIMEOUT_MS = 5000
/** The exporter has to say first what became of a batch. */
const BATCH_TIMEOUT_MS = 30_000
/** What has not left by then is not worth a longer stop. */
const STOP_MAX_MS = 3000
const LINKS_MAX = 128

export type SpanExport = Readonly<{
  /** Never waits: what there is no room for is dropped, and counted. */
  add(span: FinishedSpan): void
  /** Sends what waits, for a few seconds at most. Never rejects. */
  close(): Promise<void>
}>

export function createOtlpExport(config: TracingConfig, events: TracingEvents): SpanExport {
  const { url, headers, serviceName } = config
  const resource = resourceFromAttributes({ 'service.name': serviceName, 'host.name': hostname() })
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: POST_TIMEOUT_MS })
  let waiting = 0
  const onLeft = (spans: number): void => {
    waiting -= spans
  }
  const processor = new BatchSpanProcessor({
    exporter: watched(exporter, { onLeft, events }),
    maxQueueSize: WAITING_MAX,
    maxExportBatchSize: BATCH_MAX,
    scheduledDelayMillis: GATHER_MS,
    exportTimeoutMillis: BATCH_TIMEOUT_MS,
  })
  return {
    add: (span) => {
      if (waiting >= WAITING_MAX) {
        events.dropped('queue-full', 1)
        return
      }
      waiting += 1
      processor.onEnd(readableOf(span, resource))
    },
    close: async () => {
      const ended = new AbortController()
      const overdue = wait(STOP_MAX_MS, undefined, { signal: ended.signal })
      await Promise.race([processor.shutdown(), overdue]).catch(() => {})
      ended.abort()
    },
  }
}

/** Tells of each batch that has left, and of the beginning and the end of a time in which none is taken. */
function watched(
  exporter: SpanExporter,
  { onLeft, events }: Readonly<{ onLeft(spans: number): void; events: TracingEvents }>,
): SpanExporter {
  let isTaking = true
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        onLeft(spans.length)
        const isTaken = result.error === undefined && result.code === EXPORTED
        if (!isTaken) events.dropped('not-taken', spans.length)
        if (isTaking && !isTaken) events.collectorLost(result.error)
        if (!isTaking && isTaken) events.collectorBack()
        isTaking = isTaken
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
  }
}

/** `ExportResultCode.SUCCESS` of @opentelemetry/core. */
const EXPORTED = 0

function readableOf(span: FinishedSpan, resource: ReadableSpan['resource']): ReadableSpan {
  const { name, parent, attributes, error } = span
  const context = contextOf(span.context)
  return {
    name,
    kind: KINDS[span.kind],
    spanContext: () => context,
    ...(parent !== undefined && { parentSpanContext: contextOf(parent) }),
    startTime: hrTimeOf(span.startedAt),
    endTime: hrTimeOf(span.endedAt),
    duration: hrTimeOf(span.endedAt - span.startedAt),
    ended: true,
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes: error === undefined ? attributes : { ...attributes, 'error.type': error },
    links: span.links.slice(0, LINKS_MAX).map((link) => ({ context: contextOf(link) })),
    events: [],
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: Math.max(0, span.links.length - LINKS_MAX),
  }
}

const SCOPE = { name: 'whatsapp-sender' }

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const satisfies Record<FinishedSpan['kind'], SpanKind>

/** Whatever is exported counts as sampled: the SDK drops what is not. */
function contextOf({ traceId, spanId }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED }
}

/** Seconds and nanoseconds. */
function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.floor((ms - seconds * 1000) * 1_000_000)]
}
