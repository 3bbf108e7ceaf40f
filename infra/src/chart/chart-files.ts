import { chartValuesSchema } from './chart-values.ts'
import { valuesTable } from './values-table.ts'

const CHART = 'charts/whatsapp-sender'
const TABLE = /(?<=<!-- values -->\n\n).*?(?=\n\n<!-- \/values -->)/s

/** What these are made from, and partly in, by path from the root of the repository. */
export const CHART_SOURCES = { values: `${CHART}/values.yaml`, readme: `${CHART}/README.md` } as const

/** Files of the chart that follow from its values and from the specifications; of its README only the table. */
export function chartFiles({
  values,
  readme,
}: Readonly<{ values: string; readme: string }>): ReadonlyMap<string, string> {
  if (!TABLE.test(readme)) throw new Error(`${CHART_SOURCES.readme} has no place for the values`)
  return new Map([
    [`${CHART}/values.schema.json`, `${JSON.stringify(chartValuesSchema(), null, 2)}\n`],
    [CHART_SOURCES.readme, readme.replace(TABLE, () => valuesTable(values))],
  ])
}
