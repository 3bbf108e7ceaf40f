import type { Answered, AskedDashboard, AskedPanel } from './ask-panels.ts'
import { ONLY_ZERO } from './only-zero.ts'

export const PANELS_PAGE = 'docs/panels.md'

const HEAD = `# What the dashboards show

Each query of each panel, and what a real Prometheus has answered, after MINUTES minutes of load on the whole system: API, three consumers, canary and operator as processes, on a real Kafka with TLS, a real MongoDB, a real Kubernetes API server and the sandbox of Evolution API. It had messages of two users, batches, a campaign and schedules, and met what can go wrong: phones that are logged out, an Evolution API, a broker, a database and an API server that are away, a consumer that freezes, requests that are refused, webhooks that fail, records that are no messages.

\`npm run test:panels\` does it again and writes this page. A panel without data is a failure of the run, and so is one that shows nothing but 0, unless 0 is the truth. Of several lines the one that rises highest is named, with its highest value; of a single figure it is the last, which is what Grafana shows.
`

/** docs/panels.md, made from what was answered. */
export function panelsPage(asked: readonly AskedDashboard[], { minutes }: Readonly<{ minutes: number }>): string {
  const dashboards = asked.map(({ title, rows }) => {
    const tables = rows.map((row) => `### ${row.title}\n\n${tableOf(row.panels)}\n`)
    return [`## ${title}\n`, ...tables].join('\n')
  })
  return [HEAD.replace('MINUTES', `${minutes}`), ...dashboards, ...zeros()].join('\n')
}

function tableOf(panels: readonly AskedPanel[]): string {
  const rows = panels.flatMap((panel) =>
    panel.answers.map(
      (answer) => `| ${panel.title} | ${textOf(answer.legend)} | ${answer.series} | ${exampleOf(answer, panel)} |`,
    ),
  )
  return ['| panel | query | lines | for example |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function textOf(legend: string): string {
  return legend.replaceAll(/{{(\w+)}}/g, 'by $1')
}

function exampleOf({ example, legend }: Answered, { unit }: AskedPanel): string {
  if (example === undefined) return ''
  const value = written(example.value, unit)
  return legend.includes('{{') ? `${example.name}: ${value}` : value
}

/** As Grafana writes the units that the dashboards have. */
export function written(value: number, unit: string): string {
  if (unit === 'percentunit') return `${rounded(value * 100)} %`
  if (unit === 'bytes') return `${rounded(value / 1024 ** 2)} MiB`
  if (unit === 's') return writtenTime(value)
  if (unit === 'cps' || unit === 'reqps') return `${rounded(value)} a second`
  if (unit === 'short') return rounded(value)
  throw new Error(`no panel had the unit ${unit} so far`)
}

function writtenTime(seconds: number): string {
  if (seconds >= 2 * DAY_S) return `${rounded(seconds / DAY_S)} days`
  return seconds > 0 && seconds < 1 ? `${rounded(seconds * 1000)} ms` : `${rounded(seconds)} s`
}

const DAY_S = 86_400

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function zeros(): readonly string[] {
  if (ONLY_ZERO.size === 0) return []
  const rows = [...ONLY_ZERO].map(([query, why]) => `| ${query} | ${why} |`)
  return [`## Where 0 is the truth\n\n| query | why |\n| --- | --- |\n${rows.join('\n')}\n`]
}
