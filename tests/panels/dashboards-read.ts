import { z } from 'zod'
import { buildDashboard } from '../../infra/dashboards/build-dashboard.ts'
import { DASHBOARDS } from '../../infra/dashboards/index.ts'

export type ReadPanel = Readonly<{
  title: string
  /** `stat`: one figure; `timeseries`: over time. */
  type: 'stat' | 'timeseries'
  unit: string
  targets: readonly Readonly<{ expr: string; legend: string }>[]
}>

export type ReadDashboard = Readonly<{
  title: string
  /** By name, the query that a variable takes its values from. */
  variables: Readonly<Record<string, string>>
  rows: readonly Readonly<{ title: string; panels: readonly ReadPanel[] }>[]
}>

/** All dashboards, read from the JSON that Grafana imports. */
export function readDashboards(): readonly ReadDashboard[] {
  return DASHBOARDS.map((plan) => readDashboard(JSON.parse(JSON.stringify(buildDashboard(plan)))))
}

const Panel = z.object({
  title: z.string(),
  type: z.enum(['stat', 'timeseries']),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }),
  targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).min(1),
})
const Row = z.object({ type: z.literal('row'), title: z.string() })
const Dashboard = z.object({
  title: z.string(),
  templating: z.object({ list: z.array(z.object({ type: z.string(), name: z.string(), query: z.string() })) }),
  panels: z.array(z.union([Row, Panel])),
})

/** In front of the title of each. */
const OURS = /^WhatsApp Sender \/ /

function readDashboard(json: unknown): ReadDashboard {
  const { title, templating, panels } = Dashboard.parse(json)
  const rows: { title: string; panels: ReadPanel[] }[] = []
  for (const each of panels) {
    if (each.type === 'row') rows.push({ title: each.title, panels: [] })
    else rows.at(-1)?.panels.push(panelOf(each))
  }
  const asked = templating.list.filter(({ type }) => type === 'query')
  return {
    title: title.replace(OURS, ''),
    rows,
    variables: Object.fromEntries(asked.map(({ name, query }) => [name, query])),
  }
}

function panelOf({ title, type, fieldConfig, targets }: z.infer<typeof Panel>): ReadPanel {
  return {
    title,
    type,
    unit: fieldConfig.defaults.unit,
    targets: targets.map(({ expr, legendFormat }) => ({ expr, legend: legendFormat })),
  }
}
