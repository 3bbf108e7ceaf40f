import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { ALERT_GROUPS } from '../../infra/src/monitoring/alerts.ts'
import { ruleGroups } from '../../infra/src/monitoring/prometheus-rules.ts'
import { whyNoPrometheus } from '../support/prometheus.ts'
import { ALERT_CASES } from './alert-cases.ts'
import { openPromtool, type SeriesByName } from './promtool.ts'

test('every alert has a case in which it fires and one in which it does not', () => {
  const names = Object.values(ALERT_GROUPS).flatMap((alerts) => alerts.map(({ name }) => name))
  assert.deepEqual(Object.keys(ALERT_CASES).sort(), names.sort())
})

suite('Prometheus itself', { skip: whyNoPrometheus('promtool') }, () => {
  const promtool = openPromtool()
  after(promtool.close)

  // And a minute: what was so an hour ago has a sample then.
  const hourOf = (alertname: string, series: SeriesByName) => promtool.quietAfter('61m', alertname, series)

  test('takes the rules as they are', () => {
    const { isFine, said } = promtool.check()
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
