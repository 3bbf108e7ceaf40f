import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** A registry with the process' own metrics, every metric labelled with the service. One per process. */
export function createRegistry(o: { service: string }): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service: o.service })
  collectDefaultMetrics({ register: registry })
  return registry
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
