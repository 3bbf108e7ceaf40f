import { k8s } from '../cdk8s.ts'
import { dashboardFiles } from '../monitoring/dashboards.ts'
import { ruleGroups } from '../monitoring/prometheus-rules.ts'
import { addCustom, childName, labelsOf, type Rendering, selectorOf } from '../rendering.ts'
import { scrapedOf } from './network-edges.ts'

const MONITORING = 'monitoring.coreos.com/v1'
const GRAFANA = 'grafana.integreatly.org/v1beta1'

/** The API is found by its Service, and what has none by the labels of its pods. */
export function addMonitors(r: Rendering): void {
  const { monitors, labels, interval } = r.spec.monitoring
  if (!monitors) return
  const endpoint = {
    port: 'metrics',
    path: '/metrics',
    interval,
    relabelings: [senderFrom('app.kubernetes.io/instance')],
  }
  addCustom(r, {
    apiVersion: MONITORING,
    kind: 'ServiceMonitor',
    name: childName(r.name, 'api'),
    labels,
    spec: {
      // The Service for clients has the same labels, and no port of this name.
      selector: { matchLabels: selectorOf(r.name, 'api') },
      // Each metric says of which of our services it is; the name of the Service would take the place of that.
      endpoints: [{ ...endpoint, honorLabels: true }],
    },
  })
  for (const component of scrapedOf(r)) {
    if (component === 'api') continue
    addCustom(r, {
      apiVersion: MONITORING,
      kind: 'PodMonitor',
      name: childName(r.name, component),
      labels,
      spec: {
        selector: { matchLabels: selectorOf(r.name, component) },
        podMetricsEndpoints: [endpoint],
      },
    })
  }
  if (r.spec.kafka.mode === 'managed') addKafkaMonitor(r)
}

/** Brokers, and the exporter that tells the lag, by which a HorizontalPodAutoscaler scales. */
function addKafkaMonitor(r: Rendering): void {
  const { labels, interval } = r.spec.monitoring
  addCustom(r, {
    apiVersion: MONITORING,
    kind: 'PodMonitor',
    name: childName(r.name, 'kafka'),
    labels,
    spec: {
      // As Strimzi labels both, and names their ports.
      selector: { matchLabels: { 'strimzi.io/cluster': r.name, 'strimzi.io/kind': 'Kafka' } },
      podMetricsEndpoints: [
        {
          port: 'tcp-prometheus',
          path: '/metrics',
          interval,
          relabelings: [senderFrom('strimzi.io/cluster')],
        },
      ],
    },
  })
}

/** Two senders in one namespace are told apart by it. */
export const SENDER_LABEL = 'sender'

function senderFrom(podLabel: string): object {
  const sourceLabel = `__meta_kubernetes_pod_label_${podLabel.replaceAll(/[^a-zA-Z0-9]/g, '_')}`
  return { sourceLabels: [sourceLabel], targetLabel: SENDER_LABEL }
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
