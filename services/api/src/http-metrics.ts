import { Counter, Histogram, type Registry } from 'prom-client'
import type { FinishedRequest } from './http/request-log.ts'

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'])

type Counted = {
  readonly labels: Readonly<Record<'method' | 'route' | 'status', string>>
  requests: number
  seconds: number
}

/**
 * Requests by what was asked and how it ended. Buckets by route as well would be thousands of series in each process, so a
 * route has its number and its time, and all together have buckets.
 */
export function createHttpMetrics(registry: Registry): (request: FinishedRequest) => void {
  const counted = new Map<string, Counted>()
  const durations = new Histogram({
    name: 'whatsapp_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer, or to the beginning of a stream. status: 2xx to 5xx. Many 5xx: look at the log.',
    labelNames: ['method', 'status'],
    buckets: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  counterByRoute(registry, 'whatsapp_http_route_requests_total', {
    help: 'Requests by route. route: a pattern, or none; status: 2xx to 5xx.',
    read: () => [...counted.values()].map(({ labels, requests }) => ({ labels, value: requests })),
  })
  counterByRoute(registry, 'whatsapp_http_route_seconds_total', {
    help: 'Time of these requests; divided by their number it is that of one.',
    read: () => [...counted.values()].map(({ labels, seconds }) => ({ labels, value: seconds })),
  })
  return ({ method: asked, route, status: code, seconds }) => {
    const method = METHODS.has(asked) ? asked : 'other'
    const status = `${Math.floor(code / 100)}xx`
    durations.observe({ method, status }, seconds)
    const key = `${method} ${status} ${route}`
    const known = counted.get(key) ?? { labels: { method, route, status }, requests: 0, seconds: 0 }
    known.requests += 1
    known.seconds += seconds
    counted.set(key, known)
  }
}

/** Told at a scrape only: labels are costly, and each request would pay for them. */
function counterByRoute(
  registry: Registry,
  name: string,
  { help, read }: Readonly<{ help: string; read(): readonly Readonly<{ labels: Counted['labels']; value: number }>[] }>,
): void {
  new Counter({
    name,
    help,
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels, value } of read()) this.inc(labels, value)
    },
  })
}
