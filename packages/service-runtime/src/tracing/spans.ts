import type { HeadSampling } from './head-sampling.ts'
import { formatTraceparent, newSpanIn, newTrace, parseTraceparent, type TraceContext } from './trace-context.ts'

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** What a span is a part of, from the most certain to the least; nothing: a trace of its own begins. */
type Place = Readonly<{
  /** `traceparent` of ours: it decides whether the span is sampled. */
  parent?: string | undefined
  /** `traceparent` that a caller sent. The span joins his trace; whether it is sampled is decided here. */
  caller?: string | undefined
  /** Of a trace that begins, instead of a decision. */
  isSampled?: boolean
}>

export type SpanStart = Place &
  Readonly<{
    name: string
    kind: 'server' | 'producer' | 'consumer' | 'client'
    /** ms since the epoch. */
    startedAt: number
    attributes?: SpanAttributes
    /** `traceparent`s of spans of other traces that it has to do with. */
    links?: readonly string[]
  }>

export type SpanEnd = Readonly<{
  /** ms since the epoch. */
  endedAt: number
  attributes?: SpanAttributes
  /** It failed; a code of a closed set, for a text may quote what nobody should read. */
  error?: string | undefined
  /** Exported also when its trace is not sampled. */
  isAlwaysKept?: boolean
}>

/** A span whose end is still to come. `traceparent`: for whoever goes on with its trace. */
export type OpenSpan = Readonly<{ traceparent: string; end(end: SpanEnd): void }>

/** One span, whole. */
export type FinishedSpan = Readonly<{
  name: string
  kind: SpanStart['kind']
  context: TraceContext
  parent: TraceContext | undefined
  links: readonly TraceContext[]
  startedAt: number
  endedAt: number
  attributes: SpanAttributes
  error: string | undefined
}>

export type Spans = Readonly<{
  begin(start: SpanStart): OpenSpan
  /** One of a trace that there is, after its end. Of a trace that is not sampled it costs next to nothing. */
  record(span: SpanStart & SpanEnd & Readonly<{ parent: string }>): void
}>

/**
 * Spans as facts: nothing is kept of one but what its end needs, and one that nobody keeps is never made. `add` is given
 * those that are to be exported.
 */
export function createSpans({ sample, add }: Readonly<{ sample: HeadSampling; add(span: FinishedSpan): void }>): Spans {
  const begin = (start: SpanStart): OpenSpan => {
    const { context, parent } = contextsOf(start, sample)
    return {
      traceparent: formatTraceparent(context),
      end: (end) => {
        if (context.isSampled || end.isAlwaysKept === true) add(finished(start, end, { context, parent }))
      },
    }
  }
  return {
    begin,
    record: (span) => {
      const isKept = span.isAlwaysKept === true || parseTraceparent(span.parent)?.isSampled === true
      if (isKept) begin(span).end(span)
    },
  }
}

type Contexts = Pick<FinishedSpan, 'context' | 'parent'>

function contextsOf({ parent, caller, isSampled }: Place, sample: HeadSampling): Contexts {
  const ours = parent === undefined ? undefined : parseTraceparent(parent)
  if (ours !== undefined) return { parent: ours, context: newSpanIn(ours) }
  const theirs = caller === undefined ? undefined : parseTraceparent(caller)
  const decided = isSampled ?? sample({ isAsked: theirs?.isSampled === true })
  if (theirs === undefined) return { parent: undefined, context: newTrace(decided) }
  return { parent: theirs, context: { ...newSpanIn(theirs), isSampled: decided } }
}

function finished({ links = [], ...start }: SpanStart, end: SpanEnd, contexts: Contexts): FinishedSpan {
  return {
    ...contexts,
    name: start.name,
    kind: start.kind,
    links: links.flatMap((link) => parseTraceparent(link) ?? []),
    startedAt: start.startedAt,
    // Clocks of two machines may differ by more than a span is long.
    endedAt: Math.max(start.startedAt, end.endedAt),
    attributes: { ...start.attributes, ...end.attributes },
    error: end.error,
  }
}
