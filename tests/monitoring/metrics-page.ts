import { type MetricDefinition, metricDefinitions } from './metric-definitions.ts'

export const METRICS_PAGE = 'docs/metrics.md'

const HEAD = `# Metrics

Every process answers \`GET /metrics\` on \`METRICS_PORT\` for Prometheus, without a token: keep that port inside. All have the label \`service\`. No series names an instance, a user or a number: their count does not grow with them, and the [API](overview.md) says which one it is.

Besides these, each process has those of its own: CPU, memory, event loop, garbage collection (\`process_…\`, \`nodejs_…\`). Alerts are made of them, each with a [runbook](runbooks/README.md); dashboards for Grafana come with \`spec.monitoring.dashboards\` of a [WhatsAppSender](custom-resources.md), or are to be imported from \`infra/dashboards/json\`.
`

/** docs/metrics.md, made from what the code defines. */
export function metricsPage(): string {
  const parts = [
    ['API', metricDefinitions('api')],
    ['Consumer', metricDefinitions('consumer')],
    ['Operator', metricDefinitions('operator')],
  ] as const
  return [HEAD, ...parts.map(([title, metrics]) => `## ${title}\n\n${tableOf(metrics)}\n`)].join('\n')
}

function tableOf(metrics: readonly MetricDefinition[]): string {
  const rows = [...metrics]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(({ name, type, labels, help }) => {
      const labelled = labels.map((label) => `\`${label}\``).join(', ')
      return `| \`${name}\` | ${type} | ${labelled} | ${help.replaceAll('|', '\\|')} |`
    })
  return ['| metric | type | labels | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
