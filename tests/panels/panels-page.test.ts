import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { judged } from './ask-panels.ts'
import { readDashboards } from './dashboards-read.ts'
import { ONLY_ZERO } from './only-zero.ts'
import { PANELS_PAGE, written } from './panels-page.ts'

test('the page has an answer to every query of every panel; "npm run test:panels" writes it', async () => {
  const page = await readFile(join(repositoryRoot, PANELS_PAGE), 'utf8')
  const [, ...sections] = page.split(/^## /m)
  for (const { title, rows } of readDashboards()) {
    const section = sections.find((each) => each.startsWith(`${title}\n`)) ?? ''
    const panels = rows.flatMap((row) => row.panels)
    for (const panel of panels) {
      const lines = section.split('\n').filter((line) => line.startsWith(`| ${panel.title} |`))
      assert.ok(lines.length >= panel.targets.length, `${title} / ${panel.title}`)
      for (const line of lines) assert.match(line, /\| [1-9]\d* \| .+ \|$/)
    }
    const asked = section.match(/^\| .+ \| [1-9]\d* \| .+ \|$/gm) ?? []
    assert.equal(asked.length, panels.flatMap(({ targets }) => targets).length, `${title} has no other panels`)
  }
})

test('a query that may show nothing but 0 is one that there is', () => {
  const there = new Set(
    readDashboards().flatMap(({ title, rows }) =>
      rows
        .flatMap(({ panels }) => panels)
        .flatMap((panel) => panel.targets.map(({ legend }) => `${title} / ${panel.title} / ${legend}`)),
    ),
  )
  for (const query of ONLY_ZERO.keys()) assert.ok(there.has(query), query)
})

const LINES = { legend: '{{status}}', isStat: false, mayBeZero: false }

test('an answer without a figure that can be drawn is none', () => {
  assert.equal(judged([], LINES).fault, 'no data')
  assert.equal(judged([{ labels: {}, values: [Number.NaN, Number.POSITIVE_INFINITY] }], LINES).fault, 'no data')
})

test('nothing but 0 is a fault unless 0 is the truth', () => {
  const zeros = [{ labels: { status: '5xx' }, values: [0, 0] }]
  assert.equal(judged(zeros, LINES).fault, 'nothing but 0')
  assert.equal(judged(zeros, { ...LINES, mayBeZero: true }).fault, undefined)
})

test('of several lines the highest is named, and of a single figure the last', () => {
  const answer = [
    { labels: { status: '2xx' }, values: [4, 9, Number.NaN, 2] },
    { labels: { status: '4xx' }, values: [1, 3] },
  ]
  assert.deepEqual(judged(answer, LINES), { series: 2, example: { name: '2xx', value: 9 }, fault: undefined })
  assert.deepEqual(judged(answer, { ...LINES, isStat: true }).example, { name: '2xx', value: 2 })
})

test('figures are written with their unit', () => {
  assert.deepEqual(
    [
      written(0.0123, 'percentunit'),
      written(0.0421, 's'),
      written(7_776_000, 's'),
      written(1.5, 'cps'),
      written(52_428_800, 'bytes'),
    ],
    ['1.23 %', '42.1 ms', '90 days', '1.5 a second', '50 MiB'],
  )
})
