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

/** The same with several labels: each combination of their values begins at 0. */
export function countersOf<Label extends string>(
  registry: Registry,
  { name, help, labels }: Readonly<{ name: string; help: string; labels: Readonly<Record<Label, readonly string[]>> }>,
): Counter<string> {
  const named = Object.entries<readonly string[]>(labels)
  const counter = new Counter({ name, help, labelNames: named.map(([label]) => label), registers: [registry] })
  for (const values of combinationsOf(named.map(([, each]) => each))) counter.labels(...values).inc(0)
  return counter
}

function combinationsOf([first, ...rest]: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (first === undefined) return [[]]
  const others = combinationsOf(rest)
  return first.flatMap((value) => others.map((other) => [value, ...other]))
}

/** A gauge without labels that is read when somebody scrapes; undefined: it has no series now. */
export function gaugeOf(registry: Registry, name: string, help: string, read: () => number | undefined): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const value = read()
      if (value === undefined) this.remove()
      else this.set(value)
    },
  })
}
