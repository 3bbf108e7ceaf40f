/** A condition that somebody should know of. */
export type Alert = Readonly<{
  /** Also the name of its runbook in docs/runbooks. */
  name: string
  /** PromQL; true while it yields something. One result per sender. */
  expr: string
  /** How long it has to be so, such as `10m`; `0m`: at once. */
  for: string
  /** `critical`: messages do not flow or are lost, now. `warning`: it will come to that, or concerns a part. */
  severity: 'critical' | 'warning'
  /** One sentence; `{{ $value }}` is what `expr` yields. */
  summary: string
}>

/** Two senders may share a namespace. Where nobody gives the label, as without Kubernetes, it is left out of the result. */
export const BY = 'by (namespace, sender)'

/** How often something happened lately, per sender; without a sample there is nothing to compare. */
export function increased(metric: string, range: string): string {
  return `sum ${BY} (increase(${metric}[${range}]))`
}

/**
 * Something happened lately, though it be the first thing that a new process has to tell: of a counter that is not 0 when
 * it is first read, Prometheus sees no increase.
 */
export function happened(metric: string, range: string): string {
  return `${increased(metric, range)} > 0 or sum ${BY} (${metric} unless ${metric} offset ${range}) > 0`
}
