import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorBody, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
})
after(() => sandbox.stop())

const PATH = '/message/sendText/nope'
const tooLarge = errorBody(413, 'request entity too large', 'Internal Server Error')

test('JSON of so many values that they would fill the memory is refused before it is parsed', async () => {
  const refused = await sandbox.call('POST', PATH, `{"a":[${'[],'.repeat(500_000)}1]}`)
  assert.deepEqual([refused.status, refused.body], [413, tooLarge])
})

test('a large file in JSON is few values, and passes', async () => {
  const passed = await sandbox.call('POST', PATH, { media: 'A'.repeat(4_000_000) })
  assert.equal(passed.status, 404)
})

test('a form has at most a thousand fields, as for the parser of the real server', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const passed = await sandbox.call('POST', PATH, Array.from({ length: 1_000 }, () => 'a=1').join('&'), headers)
  assert.equal(passed.status, 404)
  const refused = await sandbox.call('POST', PATH, Array.from({ length: 1_001 }, () => 'a=1').join('&'), headers)
  assert.deepEqual(refused.body, errorBody(413, 'too many parameters', 'Internal Server Error'))
})
