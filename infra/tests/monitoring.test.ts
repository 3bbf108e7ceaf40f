import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { DASHBOARDS } from '../dashboards/index.ts'
import { ALERT_GROUPS } from '../src/monitoring/alerts.ts'
import { PRESETS } from '../src/presets.ts'
import { only, rendered } from './support.ts'

const RUNBOOKS = join(import.meta.dirname, '../../docs/runbooks')
const ALERTS = Object.values(ALERT_GROUPS).flat()
const RUNBOOK_URL = 'https://runbooks.example.com/wa'
const Rules = z.looseObject({
  spec: z.object({
    groups: z.array(z.object({ rules: z.array(z.object({ annotations: z.record(z.string(), z.string()) })) })),
  }),
})
const ConfigMap = z.looseObject({ data: z.record(z.string(), z.string()) })

test('every alert has a runbook that says so in its title, and every runbook an alert', () => {
  const pages = readdirSync(RUNBOOKS).filter((file) => file !== 'README.md')
  assert.deepEqual(pages.sort(), ALERTS.map(({ name }) => `${name}.md`).sort())
  for (const { name, severity } of ALERTS) {
    const page = readFileSync(join(RUNBOOKS, `${name}.md`), 'utf8')
    assert.ok(page.startsWith(`# ${name}\n\n**${severity}**\n`), name)
    for (const part of ['What users notice', 'Look', 'Do', 'It is over when'])
      assert.ok(page.includes(`\n## ${part}\n`))
  }
})

test('each alert is named once and each panel that names an alert names one that there is', () => {
  const names = ALERTS.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const panel of DASHBOARDS.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels))) {
    if (panel.alert !== undefined) assert.ok(names.includes(panel.alert), panel.title)
  }
})

test('rules and dashboards link to the runbooks where these are to be read', () => {
  const objects = rendered({
    ...PRESETS.prod,
    monitoring: { rules: true, dashboards: { enabled: true }, runbookUrl: RUNBOOK_URL },
  })
  const { groups } = Rules.parse(only(objects, 'PrometheusRule')[0]).spec
  const urls = groups.flatMap(({ rules }) => rules.map(({ annotations }) => annotations['runbook_url']))
  assert.deepEqual(
    urls,
    ALERTS.map(({ name }) => `${RUNBOOK_URL}/${name}.md`),
  )
  const { data } = ConfigMap.parse(dashboardsOf(objects))
  const links = linksIn(data)
  assert.ok(links.length > 20)
  for (const url of links) assert.ok(url?.startsWith(`${RUNBOOK_URL}/WhatsApp`), url)
})

test('where nobody says where the runbooks are, rules and dashboards name them and link to nothing', () => {
  const objects = rendered({ ...PRESETS.prod, monitoring: { rules: true, dashboards: { enabled: true } } })
  const { groups } = Rules.parse(only(objects, 'PrometheusRule')[0]).spec
  for (const { annotations } of groups.flatMap(({ rules }) => rules)) {
    assert.deepEqual(Object.keys(annotations).sort(), ['runbook', 'summary'])
    assert.ok(existsSync(join(RUNBOOKS, '../..', annotations['runbook'] ?? '')), annotations['runbook'])
  }
  const { data } = ConfigMap.parse(dashboardsOf(objects))
  assert.deepEqual(linksIn(data), [])
  assert.ok(
    Object.values(data)
      .join()
      .match(/Runbook: WhatsApp/g),
  )
})

test('a Grafana operator gets a resource for each dashboard of the ConfigMap', () => {
  const objects = rendered({
    ...PRESETS.prod,
    monitoring: { dashboards: { enabled: true, grafanaLabels: { dashboards: 'grafana' } } },
  })
  const { data } = ConfigMap.parse(dashboardsOf(objects))
  const Dashboard = z.looseObject({
    spec: z.looseObject({ configMapRef: z.object({ name: z.string(), key: z.string() }) }),
  })
  const refs = objects
    .filter(({ kind }) => kind === 'GrafanaDashboard')
    .map((each) => Dashboard.parse(each).spec.configMapRef)
  assert.deepEqual(
    refs,
    Object.keys(data).map((key) => ({ name: 'wa-dashboards', key })),
  )
})

test('no dashboard names a datasource of one Grafana, and each asks for a namespace', () => {
  const Panel = z.looseObject({
    datasource: z.object({ uid: z.literal('$' + '{datasource}') }).optional(),
    targets: z.array(z.object({ expr: z.string() })).default([]),
  })
  const Dashboard = z.looseObject({ uid: z.string(), panels: z.array(Panel) })
  const { data } = ConfigMap.parse(dashboardsOf(rendered(PRESETS.prod)))
  assert.deepEqual(Object.keys(data).sort(), DASHBOARDS.map(({ name }) => `${name}.json`).sort())
  for (const [file, text] of Object.entries(data)) {
    const { uid, panels } = Dashboard.parse(JSON.parse(text))
    assert.equal(`${uid}.json`, `whatsapp-sender-${file}`)
    for (const { expr } of panels.flatMap(({ targets }) => targets)) assert.match(expr, /namespace=~"\$namespace"/)
  }
})

/** Addresses of the links in descriptions of panels. */
function linksIn(dashboards: Readonly<Record<string, string>>): (string | undefined)[] {
  return Object.values(dashboards).flatMap((text) =>
    [...text.matchAll(/\[Runbook: \w+\]\(([^)]+)\)/g)].map(([, url]) => url),
  )
}

function dashboardsOf(objects: ReturnType<typeof rendered>): object {
  const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'wa-dashboards')
  assert.ok(found)
  return found
}
