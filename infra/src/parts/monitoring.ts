import { addCustom, childName, type Rendering, selectorOf } from '../rendering.ts'

const MONITORING = 'monitoring.coreos.com/v1'

/** Pods are found by their labels: consumers have no Service. */
export function addMonitors(r: Rendering): void {
  const { monitors, labels, interval } = r.spec.monitoring
  if (!monitors) return
  const { 'app.kubernetes.io/component': _, ...ours } = selectorOf(r.name, 'consumer')
  const endpoint = { port: 'metrics', path: '/metrics', interval }
  addCustom(r, {
    apiVersion: MONITORING,
    kind: 'PodMonitor',
    name: childName(r.name, 'pods'),
    labels,
    spec: {
      selector: {
        matchLabels: ours,
        matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'In', values: ['api', 'consumer'] }],
      },
      podMetricsEndpoints: [endpoint],
    },
  })
}
