import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { z } from 'zod'
import { CHART_SOURCES, chartFiles } from '../src/chart/chart-files.ts'
import { valuesTable } from '../src/chart/values-table.ts'
import { PRESETS } from '../src/presets.ts'
import { RELEASE } from '../src/release.ts'

const read = (path: string) => readFile(join(import.meta.dirname, '../..', path), 'utf8')
const sources = { values: await read(CHART_SOURCES.values), readme: await read(CHART_SOURCES.readme) }
const Content = z.looseObject({})
const values = Content.parse(parse(sources.values))
const schema = Content.parse(JSON.parse(await read('charts/whatsapp-sender/values.schema.json')))
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)

test('the schema of the values and the table of the README are current', async () => {
  for (const [path, content] of chartFiles(sources)) {
    assert.equal(await read(path), content, `${path}: npm run crds -w infra`)
  }
})

test('chart, images and definitions are of the release that package.json says', async () => {
  assert.equal(Content.parse(JSON.parse(await read('package.json')))['version'], RELEASE)
  const { version, appVersion } = Content.parse(parse(await read('charts/whatsapp-sender/Chart.yaml')))
  assert.deepEqual([version, appVersion], [RELEASE, RELEASE])
  assert.equal(Content.parse(values['operator'])['image'], `whatsapp-sender-operator:${RELEASE}`)
})

test('every value has a comment, so that the README knows it', () => {
  const described = new Set([...valuesTable(sources.values).matchAll(/^\| `([^`]+)`/gm)].map(([, path]) => path))
  const ofAll = (content: Readonly<Record<string, unknown>>, parent = ''): readonly string[] =>
    Object.entries(content).flatMap(([key, value]) => {
      const path = `${parent}${key}`
      const inner = Content.safeParse(value)
      if (described.has(path) || !inner.success || Object.keys(inner.data).length === 0) return [path]
      return ofAll(inner.data, `${path}.`)
    })
  assert.deepEqual(
    ofAll(values).filter((path) => !described.has(path)),
    [],
  )
})

test('the schema takes the values as they are, and those of both presets', () => {
  for (const sender of [values['sender'], PRESETS.dev, PRESETS.prod]) {
    assert.ok(validate({ ...values, sender }), JSON.stringify(validate.errors))
  }
  assert.ok(validate({ ...values, sender: undefined }), 'the operator alone')
  const instances = [{ name: 'store', spec: { pace: { perMinute: 20, burst: 5 }, deletionPolicy: 'Logout' } }]
  assert.ok(validate({ ...values, instances }), JSON.stringify(validate.errors))
})

const wrong: Readonly<Record<string, object>> = {
  'a value that no template reads': { operater: {} },
  'a misspelt field of the sender': { sender: { evolution: { mode: 'sandbox' }, consumers: {} } },
  'an unknown mode': { sender: { evolution: { mode: 'none' } } },
  'an instance with a sender of its own': { instances: [{ name: 'store', spec: { senderName: 'other' } }] },
  'an instance without a name': { instances: [{}] },
  'a number in words': { operator: { ...Content.parse(values['operator']), replicas: 'two' } },
}
for (const [what, change] of Object.entries(wrong)) {
  test(`the schema refuses ${what}`, () => {
    assert.equal(validate({ ...values, ...change }), false)
  })
}
