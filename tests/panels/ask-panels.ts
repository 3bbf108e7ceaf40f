import { type ReadDashboard, type ReadPanel, readDashboards } from './dashboards-read.ts'
import { ONLY_ZERO } from './only-zero.ts'
import type { ScrapingPrometheus, Series } from './scraping-prometheus.ts'

/** What one query of a panel was answered. */
export type Answered = Readonly<{
  expr: string
  legend: string
  /** How many lines it draws. */
  series: number
  /** The line that rises highest, and how high: of a `stat` the last value, which is what it shows. */
  example: Readonly<{ name: string; value: number }> | undefined
  /** What is wrong with it. */
  fault: 'no data' | 'nothing but 0' | undefined
}>

export type AskedPanel = Pick<ReadPanel, 'title' | 'type' | 'unit'> & Readonly<{ answers: readonly Answered[] }>

export type AskedDashboard = Readonly<{
  title: string
  rows: readonly Readonly<{ title: string; panels: readonly AskedPanel[] }>[]
}>

/** Seconds that Grafana takes for the interval of scrapes where its datasource names none. */
const SCRAPES = 15
/** Grafana's own: four scrapes, or one and a step of the panel, which for an hour is one scrape, too. */
const RATE_INTERVAL = `${4 * SCRAPES}s`

/** Asks every query of every panel of every dashboard, as Grafana does with all namespaces chosen. */
export async function askPanels(
  prometheus: ScrapingPrometheus,
  between: Readonly<{ from: Date; to: Date }>,
): Promise<readonly AskedDashboard[]> {
  const asked: AskedDashboard[] = []
  for (const dashboard of readDashboards()) {
    const fill = await fillingOf(prometheus, dashboard)
    const ask = (expr: string) => prometheus.ask(fill(expr), { ...between, stepSeconds: SCRAPES })
    const rows: AskedDashboard['rows'][number][] = []
    for (const { title, panels } of dashboard.rows) {
      rows.push({ title, panels: await Promise.all(panels.map((panel) => askPanel(dashboard.title, panel, ask))) })
    }
    asked.push({ title: dashboard.title, rows })
  }
  return asked
}

async function askPanel(
  dashboard: string,
  { title, type, unit, targets }: ReadPanel,
  ask: (expr: string) => Promise<readonly Series[]>,
): Promise<AskedPanel> {
  const answers = await Promise.all(
    targets.map(async ({ expr, legend }) => ({
      expr,
      legend,
      ...judged(await ask(expr), {
        legend,
        isStat: type === 'stat',
        mayBeZero: ONLY_ZERO.has(`${dashboard} / ${title} / ${legend}`),
      }),
    })),
  )
  return { title, type, unit, answers }
}

/** A value that is no number or infinite is not drawn. */
export function judged(
  answer: readonly Series[],
  o: Readonly<{ legend: string; isStat: boolean; mayBeZero: boolean }>,
): Pick<Answered, 'series' | 'example' | 'fault'> {
  const lines = answer.flatMap(({ labels, values }) => {
    const drawn = values.filter(Number.isFinite)
    const value = o.isStat ? drawn.at(-1) : drawn.length > 0 ? Math.max(...drawn) : undefined
    const highest = Math.max(...drawn)
    return value === undefined
      ? []
      : [{ name: nameOf(o.legend, labels), value, isZero: drawn.every((v) => v === 0), highest }]
  })
  const [first] = lines.toSorted((a, b) => b.highest - a.highest)
  if (first === undefined) return { series: 0, example: undefined, fault: 'no data' }
  const { name, value } = first
  const isZero = lines.every((line) => line.isZero)
  return { series: lines.length, example: { name, value }, fault: isZero && !o.mayBeZero ? 'nothing but 0' : undefined }
}

function nameOf(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/{{(\w+)}}/g, (_, label: string) => labels[label] ?? '')
}

/** Puts values in place of variables: of those of the dashboard, all that they offer. */
async function fillingOf(
  prometheus: ScrapingPrometheus,
  { title, variables }: ReadDashboard,
): Promise<(expr: string) => string> {
  const values = new Map([['__rate_interval', RATE_INTERVAL]])
  for (const [name, query] of Object.entries(variables)) {
    const [, match = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? []
    const offered = await prometheus.labelValues(match, label)
    if (offered.length === 0) throw new Error(`${title}: the variable ${name} offers nothing: ${query}`)
    values.set(name, offered.length === 1 ? `${offered[0]}` : `(${offered.join('|')})`)
  }
  return (expr) =>
    expr.replaceAll(/\$(\w+)/g, (_, name: string) => {
      const value = values.get(name)
      if (value === undefined) throw new Error(`${title}: nothing fills $${name} of ${expr}`)
      return value
    })
}
