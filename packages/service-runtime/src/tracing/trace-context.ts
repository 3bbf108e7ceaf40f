import { randomBytes } from 'node:crypto'

/** A span, as other processes refer to it: https://www.w3.org/TR/trace-context/#traceparent-header */
export type TraceContext = Readonly<{
  /** 32 hex digits, not all 0. */
  traceId: string
  /** 16 hex digits, not all 0. */
  spanId: string
  /** Whoever began the trace wants all of it kept. */
  isSampled: boolean
}>

const FORM = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const LENGTH_MAX = 512

/** Undefined for whatever is none. Of a version that is not known yet, what this one has in common with it is read. */
export function parseTraceparent(text: string): TraceContext | undefined {
  if (text.length > LENGTH_MAX) return undefined
  const [, version, traceId, spanId, flags, more] = FORM.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  if (version === '00' && more !== undefined) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** 55 characters. */
export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
}

/** For a line of the log: 32 hex digits. @param traceparent as {@link formatTraceparent} makes it */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent?.slice(3, 35)
}

export function newSpanIn(parent: TraceContext): TraceContext {
  return { ...parent, spanId: randomHex(8) }
}

export function newTrace(isSampled: boolean): TraceContext {
  return { traceId: randomHex(16), spanId: randomHex(8), isSampled }
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
