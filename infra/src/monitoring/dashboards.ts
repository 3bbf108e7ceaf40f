import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const DIRECTORY = join(import.meta.dirname, '..', '..', 'dashboards', 'json')
/** A panel's link to a runbook, as the dashboards are written. */
const LINK = /"url": "RUNBOOKS\/([^"]+)"/g

/** Dashboards as Grafana imports them, by file name. @param runbookUrl as `ruleGroups` takes it */
export function dashboardFiles(runbookUrl?: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(DIRECTORY)
      .sort()
      .map((file) => [file, withRunbooks(readFileSync(join(DIRECTORY, file), 'utf8'), runbookUrl)]),
  )
}

function withRunbooks(dashboard: string, runbookUrl: string | undefined): string {
  return dashboard.replaceAll(LINK, (_, page) => `"url": ${JSON.stringify(`${runbookUrl ?? 'docs/runbooks'}/${page}`)}`)
}
