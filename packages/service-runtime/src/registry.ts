import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** A registry with the process' own metrics, every metric labelled with the service. One per process. */
export function createRegistry(o: { service: string }): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service: o.service })
  collectDefaultMetrics({ register: registry })
  return registry
}

/**
 * A counter with one label, whose values are known beforehand. Each begins at 0: of a series that begins with its first
 * event Prometheus sees no increase, so that no alert could tell of that one.
 */
export function counterOf<Label extends string>(
  registry: Registry,
  o: Readonly<{ name: string; help: string; label: Label; values: readonly string[] }>,
): Counter<Label> {
  const counter = new Counter({ name: o.name, help: o.help, labelNames: [o.label], registers: [registry] })
  for (const value of o.values) counter.labels(value).inc(0)
  return counter
}

/** A gauge without labels that is read when somebody scrapes. */
export function gaugeOf(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}
