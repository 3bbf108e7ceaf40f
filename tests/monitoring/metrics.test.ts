import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { DASHBOARDS } from '../../infra/dashboards/index.ts'
import { ALERT_GROUPS } from '../../infra/src/monitoring/alerts.ts'
import { metricDefinitions, processMetrics } from './metric-definitions.ts'
import { METRICS_PAGE, metricsPage } from './metrics-page.ts'
import { askedBy } from './promql.ts'

const OURS = (['api', 'consumer', 'canary', 'operator'] as const).flatMap(metricDefinitions)

/** What Prometheus adds to every series that it scrapes from a pod, and what each process says of itself. */
const OF_TARGETS = ['namespace', 'pod', 'sender', 'service']

/** Names of series with their labels: a histogram has three, of which one has the bounds of its buckets. */
const SERIES = new Map(
  [...OURS, ...processMetrics()].flatMap(({ name, type, labels }): [string, readonly string[]][] => {
    const all = [...labels, ...OF_TARGETS]
    if (type !== 'histogram') return [[name, all]]
    return [
      [`${name}_bucket`, [...all, 'le']],
      [`${name}_count`, all],
      [`${name}_sum`, all],
    ]
  }),
)

test('the page of metrics is what the code defines; "npm run metrics" writes it', async () => {
  assert.equal(await readFile(join(repositoryRoot, METRICS_PAGE), 'utf8'), metricsPage())
})

test('every metric is named by the rules: our prefix, a unit, _total for what only grows', () => {
  for (const { name, type, help } of OURS) {
    assert.match(name, /^whatsapp_[a-z_]+$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
    assert.match(help, /^[A-Z1].*\.$/, name)
  }
})

test('no label can name an instance, a user, a number or a message, but in the one metric that is off', () => {
  const unnamed = OURS.filter(({ name }) => name !== 'whatsapp_instance_info')
  const labels = new Set(unnamed.flatMap((metric) => [...metric.labels]))
  const closed = [
    'call',
    'code',
    'controller',
    'kind',
    'method',
    'of',
    'outcome',
    'pool',
    'reason',
    'replay',
    'result',
    'route',
    'state',
    'status',
  ]
  assert.deepEqual([...labels].sort(), [...closed, 'topic', 'until', 'why'].sort())
})

for (const { name, expr } of Object.values(ALERT_GROUPS).flat()) {
  test(`the alert ${name} asks for metrics and labels that the code has`, () => {
    checkExpr(expr)
  })
}

for (const { title, rows } of DASHBOARDS) {
  for (const { title: panel, queries } of rows.flatMap(({ panels }) => panels)) {
    test(`the panel ${title} / ${panel} asks for metrics and labels that the code has`, () => {
      for (const { expr, legend } of queries) {
        const { grouping } = checkExpr(expr.replaceAll('$__rate_interval', '5m'))
        for (const [, label = ''] of legend.matchAll(/{{(\w+)}}/g)) assert.ok(grouping.includes(label), label)
      }
    })
  }
}

function checkExpr(expr: string) {
  const asked = askedBy(expr)
  assert.ok(asked.selectors.length > 0)
  for (const { metric, labels } of asked.selectors) {
    const known = SERIES.get(metric)
    assert.ok(known, `there is no ${metric}`)
    for (const label of labels) assert.ok(known.includes(label), `${metric} has no label ${label}`)
  }
  const all = new Set(asked.selectors.flatMap(({ metric }) => SERIES.get(metric) ?? []))
  for (const label of asked.grouping) assert.ok(all.has(label), `nothing has the label ${label}`)
  return asked
}
