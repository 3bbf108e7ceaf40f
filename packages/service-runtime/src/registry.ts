import { collectDefaultMetrics, Registry } from 'prom-client'

/** A registry with the process' own metrics, every metric labelled with the service. One per process. */
export function createRegistry(o: { service: string }): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service: o.service })
  collectDefaultMetrics({ register: registry })
  return registry
}
