import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { stringify } from 'yaml'
import { ALERT_GROUPS } from '../../infra/src/monitoring/alerts.ts'
import { ruleGroups } from '../../infra/src/monitoring/prometheus-rules.ts'
import { binaryPath } from '../support/kubernetes.ts'
import { whyNoPrometheus } from '../support/prometheus.ts'
import { ALERT_CASES, type SeriesByName } from './alert-cases.ts'

const promtool = binaryPath('promtool') ?? ''

test('every alert has a case in which it fires and one in which it does not', () => {
  const names = Object.values(ALERT_GROUPS).flatMap((alerts) => alerts.map(({ name }) => name))
  assert.deepEqual(Object.keys(ALERT_CASES).sort(), names.sort())
})

suite('Prometheus itself', { skip: whyNoPrometheus('promtool') }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'whatsapp-sender-alerts-'))
  const rules = join(directory, 'rules.yaml')
  writeFileSync(rules, stringify({ groups: ruleGroups() }))
  after(() => rmSync(directory, { recursive: true }))

  const promtoolSays = (args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool, [...args], { encoding: 'utf8' })
    return { isFine: status === 0, said: `${stdout}${stderr}` }
  }
  /** What it says of an hour of these series, after which the alert is to be quiet. */
  const hourOf = (alertname: string, series: SeriesByName) => {
    const file = join(directory, 'case.yaml')
    const input_series = Object.entries(series).map(([each, values]) => ({ series: each, values }))
    const alert_rule_test = [{ eval_time: '59m', alertname, exp_alerts: [] }]
    const tests = [{ interval: '1m', input_series, alert_rule_test }]
    writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests }))
    return promtoolSays(['test', 'rules', file])
  }

  test('takes the rules as they are', () => {
    const { isFine, said } = promtoolSays(['check', 'rules', '--lint-fatal', rules])
    assert.ok(isFine, said)
  })

  for (const { alert, labels } of ruleGroups().flatMap(({ rules: alerts }) => alerts)) {
    test(`lets ${alert} fire when it is so`, () => {
      const { isFine, said } = hourOf(alert, ALERT_CASES[alert]?.fires ?? {})
      assert.equal(isFine, false, 'it is quiet')
      const got = `got:[\n    0:\n      Labels:{alertname="${alert}", namespace="wa", severity="${labels['severity']}"}`
      assert.ok(said.replaceAll(/\s/g, '').includes(got.replaceAll(/\s/g, '')), said)
    })

    test(`lets ${alert} be quiet when it only looks so`, () => {
      const { isFine, said } = hourOf(alert, ALERT_CASES[alert]?.quiet ?? {})
      assert.ok(isFine, said)
    })
  }
})
