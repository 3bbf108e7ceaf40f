import { z } from 'zod'
import { Labels } from './values.ts'

export const MonitoringSpec = z.strictObject({
  monitors: z.boolean().default(false).describe('ServiceMonitor and PodMonitor, for the Prometheus operator.'),
  rules: z.boolean().default(false).describe('Alerts as a PrometheusRule.'),
  dashboards: z.boolean().default(false).describe("Dashboards in a ConfigMap, for Grafana's sidecar."),
  grafanaOperator: z.boolean().default(false).describe('GrafanaDashboards besides, for the Grafana operator.'),
  labels: Labels.default({}).describe('On monitors and rules; kube-prometheus-stack wants `release`.'),
  grafanaSelector: Labels.default({ dashboards: 'grafana' }).describe(
    'Labels of the Grafana that shows the dashboards.',
  ),
  interval: z
    .string()
    .regex(/^[1-9]\d*(s|m)$/, 'must be a time, such as "15s"')
    .max(8)
    .default('15s')
    .describe('How often metrics are read.'),
})
export type MonitoringSpec = z.infer<typeof MonitoringSpec>
