import { type MetricDefinition, metricDefinitions } from './metric-definitions.ts'

export const METRICS_PAGE = 'docs/metrics.md'

const HEAD = `# Metrics

Every process answers \`GET /metrics\` on \`METRICS_PORT\` for Prometheus, without a token: keep that port inside. All have the label \`service\`. No series names an instance, a user or a number: their count does not grow with them, and the [API](overview.md) says which one it is. The one exception is off: \`whatsapp_instance_info\` names as many instances as \`INSTANCE_METRICS_MAX\` says.

Besides these, each process has those of its own: CPU, memory, event loop, garbage collection (\`process_…\`, \`nodejs_…\`). Alerts are made of them, each with a [runbook](runbooks/README.md); dashboards for Grafana come with \`spec.monitoring.dashboards\` of a [WhatsAppSender](custom-resources.md), or are to be imported from \`infra/dashboards/json\`.

The promise that is measured: of the messages that could go, 99 % are sent within 30 s. A message can go when its time has come, those before it in its lane are done with, and neither its pace, its instance nor a pause holds it; what waits for a slot, for MongoDB, for Kafka or for Evolution is late. \`whatsapp_sent_after_due_seconds\` has the time of each message that was sent; what used up its attempts, or is not known to have left, breaks the promise, too. Two alerts look at how fast the 1 % of 30 days is used up. Of an instance that changes hands the new owner cannot tell what its pace would have let go before, so with a pace nothing counts as late for that: whether consumers run is told by other alerts.

Messages that have not ended are in \`whatsapp_messages\` by status. Those that have are counted as they end: \`whatsapp_sends_total\` (sent, failed, dead-lettered, unknown), \`whatsapp_messages_ended_unsent_total\` (expired, failed, unknown) and \`whatsapp_messages_cancelled_total\`; \`increase(…[1d])\` is what a day brought. They are not counted in the database: there may be millions, no index holds their status, and one that did would be written to at each step of each message. How many are kept in all is \`whatsapp_messages_kept\`; how many ask for a decision is \`whatsapp_dead_letters\`. Words such as lane, gate and slot: [glossary](glossary.md).

However many instances and messages there are, a process has fewer than 2,000 series. Unfinished messages are counted in the database by one consumer, the owner of partition 0, each 15 s, and more rarely where that takes long; the others have no series of it.
`

/** docs/metrics.md, made from what the code defines. */
export function metricsPage(): string {
  const parts = [
    ['API', metricDefinitions('api')],
    ['Consumer', metricDefinitions('consumer')],
    ['Canary', metricDefinitions('canary')],
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
