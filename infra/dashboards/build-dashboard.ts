import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { runbookMention } from '../src/monitoring/runbooks.ts'

/** A line, by what its legend says of each series. */
export type Query = Readonly<{ expr: string; legend: string }>

export type PanelPlan = Readonly<{
  title: string
  /** What it shows, and what a bad value means. */
  description: string
  /** `stat`: one figure; `lines`: over time. */
  kind: 'stat' | 'lines'
  queries: readonly Query[]
  /** A unit of Grafana, such as `s`, `reqps`, `percentunit`. */
  unit: string
  /** From which value on it is bad. */
  badFrom?: number
  /** From which value on it is good again: below it is bad. */
  goodFrom?: number
  /** Name of the alert whose runbook says what to do. */
  alert?: string
}>

export type DashboardPlan = Readonly<{
  /** Also the name of its file, and its address in Grafana behind `whatsapp-sender-`. */
  name: string
  title: string
  description: string
  rows: readonly Readonly<{ title: string; panels: readonly PanelPlan[] }>[]
}>

/** Grafana's grid is 24 wide. */
const SIZE = { stat: { width: 6, height: 4 }, lines: { width: 12, height: 8 } } as const
const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` } as const
/** A name of several namespaces is chosen by a variable; without Kubernetes there is none, and `.*` matches that, too. */
const NAMESPACES = 'label_values({__name__=~"whatsapp_.+"}, namespace)'

/** The dashboard as Grafana imports it. Every query is asked of the chosen datasource. */
export function buildDashboard({ name, title, description, rows }: DashboardPlan): object {
  // oxlint-disable-next-line typescript/no-deprecated -- its successor writes a schema that older Grafanas do not read
  const dashboard = new DashboardBuilder(`WhatsApp Sender / ${title}`)
    .uid(`whatsapp-sender-${name}`)
    .description(description)
    .tags(['whatsapp-sender'])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('WhatsApp Sender')
        .type(DashboardLinkType.Dashboards)
        .tags(['whatsapp-sender'])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Datasource').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('namespace')
        .label('Namespace')
        .datasource(DATASOURCE)
        .query(NAMESPACES)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .includeAll(true)
        .allValue('.*')
        .multi(true),
    )
  for (const row of rows) {
    dashboard.withRow(new RowBuilder(row.title))
    for (const panel of row.panels) dashboard.withPanel(builderOf(panel))
  }
  return dashboard.build()
}

function builderOf(plan: PanelPlan): StatBuilder | TimeseriesBuilder {
  const { width, height } = SIZE[plan.kind]
  const panel = plan.kind === 'stat' ? statBuilder() : linesBuilder(plan)
  panel
    .title(plan.title)
    .description(plan.alert === undefined ? plan.description : `${plan.description} ${runbookMention(plan.alert)}`)
    .datasource(DATASOURCE)
    .unit(plan.unit)
    .min(0)
    .noValue('–')
    .span(width)
    .height(height)
    .targets(plan.queries.map(({ expr, legend }) => new DataqueryBuilder().expr(expr).legendFormat(legend)))
  if (plan.badFrom !== undefined) panel.thresholds(thresholds('green', { from: plan.badFrom, color: 'red' }))
  if (plan.goodFrom !== undefined) panel.thresholds(thresholds('red', { from: plan.goodFrom, color: 'green' }))
  return panel
}

function statBuilder(): StatBuilder {
  return new StatBuilder().reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
}

function linesBuilder({ badFrom, goodFrom }: PanelPlan): TimeseriesBuilder {
  const panel = new TimeseriesBuilder().fillOpacity(10).legend(new VizLegendOptionsBuilder().showLegend(true))
  if (badFrom === undefined && goodFrom === undefined) return panel
  return panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
}

function thresholds(
  below: string,
  { from, color }: Readonly<{ from: number; color: string }>,
): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: below },
    { value: from, color },
  ])
}
