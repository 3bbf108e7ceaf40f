import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBase64, isUrl } from './media-address.ts'

const URLS: readonly (readonly [string, boolean])[] = [
  ['https://example.com/a.png', true],
  ['example.com/a.png', true],
  ['http://10.0.0.7:9000/a.png', true],
  ['http://[::1]/a.png', true],
  ['http://media.default.svc.cluster.local/a.png', true],
  ['http://minio:9000/a.png', false],
  ['http://localhost/a.png', false],
  ['file:///etc/passwd', false],
  ['https://exa mple.com/', false],
  ['', false],
]

for (const [text, isOne] of URLS) {
  test(`"${text}" is ${isOne ? 'a' : 'no'} URL`, () => assert.equal(isUrl(text), isOne))
}

const BASE64: readonly (readonly [string, boolean])[] = [
  ['aGVsbG8=', true],
  ['aGVsbG8', false],
  ['data:image/png;base64,aGVsbG8=', false],
  ['aGVs\nbG8=', false],
]

for (const [text, isSome] of BASE64) {
  test(`${JSON.stringify(text)} is ${isSome ? '' : 'not '}base64`, () => assert.equal(isBase64(text), isSome))
}
