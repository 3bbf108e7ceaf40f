import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHART_SOURCES, chartFiles } from './chart/chart-files.ts'
import { definitionFiles } from './definition-files.ts'

// `npm run crds -w infra`: everything that is made from the specifications, made anew.
const ROOT = join(import.meta.dirname, '..', '..')

const chart = chartFiles({
  values: await readFile(join(ROOT, CHART_SOURCES.values), 'utf8'),
  readme: await readFile(join(ROOT, CHART_SOURCES.readme), 'utf8'),
})

for (const [file, content] of [...definitionFiles(), ...chart]) {
  await mkdir(join(ROOT, file, '..'), { recursive: true })
  await writeFile(join(ROOT, file), content)
}
