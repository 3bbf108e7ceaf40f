import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { ruleGroups } from '../../infra/src/monitoring/prometheus-rules.ts'
import { binaryPath } from '../support/kubernetes.ts'

/** What Prometheus would have scraped: by series, in its own notation of one value a minute. */
export type SeriesByName = Readonly<Record<string, string>>

type Said = Readonly<{ isFine: boolean; said: string }>

/** Prometheus' own judgement of our rules. */
export type Promtool = Readonly<{
  check(): Said
  /** Fine when the alert is quiet after so long of these series; else it says what fires. */
  quietAfter(time: string, alertname: string, series: SeriesByName): Said
  close(): void
}>

export function openPromtool(): Promtool {
  const directory = mkdtempSync(join(tmpdir(), 'whatsapp-sender-alerts-'))
  const rules = join(directory, 'rules.yaml')
  writeFileSync(rules, stringify({ groups: ruleGroups() }))
  const run = (args: readonly string[]): Said => {
    const { status, stdout, stderr } = spawnSync(binaryPath('promtool') ?? '', [...args], { encoding: 'utf8' })
    return { isFine: status === 0, said: `${stdout}${stderr}` }
  }
  return {
    check: () => run(['check', 'rules', '--lint-fatal', rules]),
    quietAfter: (time, alertname, series) => {
      const file = join(directory, 'case.yaml')
      const input_series = Object.entries(series).map(([each, values]) => ({ series: each, values }))
      const alert_rule_test = [{ eval_time: time, alertname, exp_alerts: [] }]
      const tests = [{ interval: '1m', input_series, alert_rule_test }]
      writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests }))
      return run(['test', 'rules', file])
    },
    close: () => rmSync(directory, { recursive: true }),
  }
}
