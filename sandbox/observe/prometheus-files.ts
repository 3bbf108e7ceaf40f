import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ruleGroups } from '../../infra/src/monitoring/prometheus-rules.ts'

/** A process that answers `/metrics`, as `host:port`. */
export type ScrapeTarget = Readonly<{ job: string; address: string }>

export const CONFIG_FILE = 'prometheus.yaml'
export const DATA_FOLDER = 'data'
const RULES_FILE = 'rules.yaml'

/** Writes what a Prometheus reads at its start: whom to scrape, and the alerts. JSON is YAML, too. */
export async function writePrometheusFiles(directory: string, targets: readonly ScrapeTarget[]): Promise<void> {
  await mkdir(join(directory, DATA_FOLDER), { recursive: true })
  const config = {
    global: { scrape_interval: '5s', evaluation_interval: '5s' },
    rule_files: [RULES_FILE],
    scrape_configs: targets.map(({ job, address }) => ({ job_name: job, static_configs: [{ targets: [address] }] })),
  }
  await writeFile(join(directory, RULES_FILE), written({ groups: ruleGroups() }))
  await writeFile(join(directory, CONFIG_FILE), written(config))
}

function written(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
