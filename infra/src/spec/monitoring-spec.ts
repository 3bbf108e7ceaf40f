import { z } from 'zod'
import { Labels } from './values.ts'

export const MonitoringSpec = z.strictObject({
  monitors: z
    .boolean()
    .default(false)
    .describe('Monitors of API, consumers, canary and a managed Kafka, for the Prometheus operator.'),
  rules: z.boolean().default(false).describe('A PrometheusRule with the alerts, for the Prometheus operator.'),
  labels: Labels.default({}).describe('On monitors and rules; kube-prometheus-stack wants `release`.'),
  interval: z
    .string()
    .regex(/^[1-9]\d*(s|m)$/, 'must be a time, such as "15s"')
    .max(8)
    .default('15s')
    .describe('How often metrics are read.'),
  runbookUrl: z
    .string()
    .regex(/^https:\/\/[^\s"\\]+[^\s"\\/]$/, 'must be an https address without a slash at its end')
    .max(300)
    .optional()
    .describe(
      'Where docs/runbooks is to be read; alerts and dashboards link to its pages, which without it they only name.',
    ),
  dashboards: z
    .strictObject({
      enabled: z.boolean().default(false).describe('A ConfigMap with dashboards, for the sidecar of Grafana.'),
      labels: Labels.default({ grafana_dashboard: '1' }).describe('On the ConfigMap; the sidecar looks for them.'),
      folder: z.string().min(1).max(100).default('WhatsApp Sender').describe('In Grafana.'),
      grafanaLabels: Labels.default({}).describe(
        'Labels of a Grafana of the Grafana operator; with them there is a GrafanaDashboard for each dashboard.',
      ),
    })
    .prefault({})
    .describe('For Grafana.'),
})
export type MonitoringSpec = z.infer<typeof MonitoringSpec>
