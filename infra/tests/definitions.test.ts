import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { definitionFiles } from '../src/definition-files.ts'

const ROOT = join(import.meta.dirname, '..', '..')

for (const [file, content] of definitionFiles()) {
  test(`${file} is made from the specifications as they are`, () => {
    assert.equal(readFileSync(join(ROOT, file), 'utf8'), content, 'run `npm run crds -w infra`')
  })
}
