import assert from 'node:assert/strict'
import { test } from 'node:test'
import { versionLabelOf } from '../src/version-label.ts'

const DIGEST = 'ab12'.repeat(16)
const cases: Readonly<Record<string, string | undefined>> = {
  'whatsapp-sender-api:0.1.0': '0.1.0',
  'registry.example.com:5000/wa/api:1.2.3': '1.2.3',
  [`registry.example.com:5000/wa/api@sha256:${DIGEST}`]: 'ab12ab12ab12',
  [`wa/api:1.2.3@sha256:${DIGEST}`]: '1.2.3',
  'api:_nightly-': 'nightly',
  'api:__': undefined,
  [`api:v${'1'.repeat(100)}`]: `v${'1'.repeat(62)}`,
}

for (const [image, version] of Object.entries(cases)) {
  test(`the version of ${image} is one that a label can say`, () => {
    assert.equal(versionLabelOf(image)['app.kubernetes.io/version'], version)
  })
}
