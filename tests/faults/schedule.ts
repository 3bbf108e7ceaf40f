import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Policy } from './history.ts'
import { definedRows, type PlannedRun, type Row, type Size } from './row.ts'
import { seededRandom } from './seeded-random.ts'

/** What a row does under this seed: always the same for the same seed, row, policy and size. */
export function planRow(row: Row, o: Readonly<{ seed: string; policy: Policy; size: Size }>): PlannedRun {
  const random = seededRandom(o.seed, `row ${row.number} ${o.policy}`)
  return row.plan(random, (values) => values[o.size])
}

/** Every row of the table. */
export async function loadRows(): Promise<Row[]> {
  const directory = join(import.meta.dirname, 'rows')
  for await (const file of glob('*.ts', { cwd: directory })) await import(pathToFileURL(join(directory, file)).href)
  return definedRows()
}
