import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withRunbooksAt } from './runbooks.ts'

const DIRECTORY = join(import.meta.dirname, '..', '..', 'dashboards', 'json')
/** Read once: rendering is done at every reconcile. */
const FILES: readonly (readonly [file: string, dashboard: string])[] = readdirSync(DIRECTORY)
  .sort()
  .map((file) => [file, readFileSync(join(DIRECTORY, file), 'utf8')])

/** Dashboards as Grafana imports them, by file name. @param runbookUrl as `runbookUrlOf` takes it; without it panels name their runbooks and link to nothing */
export function dashboardFiles(runbookUrl?: string): ReadonlyMap<string, string> {
  if (runbookUrl === undefined) return new Map(FILES)
  return new Map(FILES.map(([file, dashboard]) => [file, withRunbooksAt(dashboard, runbookUrl)]))
}
