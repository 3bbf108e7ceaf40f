import { k8s } from '../cdk8s.ts'
import { dashboardFiles } from '../monitoring/dashboards.ts'
import { ruleGroups } from '../monitoring/prometheus-rules.ts'
import { addCustom, childName, labelsOf, type Rendering, selectorOf } from '../rendering.ts'

const MONITORING = 'monitoring.coreos.com/v1'
const GRAFANA = 'grafana.integreatly.org/v1beta1'

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

export function addRules(r: Rendering): void {
  const { rules, labels, runbookUrl } = r.spec.monitoring
  if (!rules) return
  const groups = ruleGroups(runbookUrl)
  addCustom(r, {
    apiVersion: MONITORING,
    kind: 'PrometheusRule',
    name: childName(r.name, 'alerts'),
    labels,
    spec: { groups },
  })
}

/** One ConfigMap serves the sidecar of Grafana and the Grafana operator alike. */
export function addDashboards(r: Rendering): void {
  const { dashboards, runbookUrl } = r.spec.monitoring
  if (!dashboards.enabled) return
  const { labels, folder, grafanaLabels } = dashboards
  const name = childName(r.name, 'dashboards')
  const files = dashboardFiles(runbookUrl)
  new k8s.KubeConfigMap(r.chart, 'dashboards', {
    metadata: {
      name,
      namespace: r.namespace,
      labels: { ...labelsOf(r.name), ...labels },
      annotations: { grafana_folder: folder },
    },
    data: Object.fromEntries(files),
  })
  if (Object.keys(grafanaLabels).length === 0) return
  for (const file of files.keys()) {
    addCustom(r, {
      apiVersion: GRAFANA,
      kind: 'GrafanaDashboard',
      name: childName(r.name, file.replace('.json', '')),
      spec: {
        instanceSelector: { matchLabels: grafanaLabels },
        configMapRef: { name, key: file },
        folder,
        allowCrossNamespaceImport: true,
      },
    })
  }
}
