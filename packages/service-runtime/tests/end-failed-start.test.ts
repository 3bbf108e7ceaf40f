import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const RUNTIME = new URL('../src/index.ts', import.meta.url).href

test('a process that cannot be built shows of the error what a line of the log shows, and nothing that hangs on it', async () => {
  const error = `Object.assign(new TypeError('Invalid URL'), { input: 'mongodb://root:canary@db' })`
  const { code, stdout, stderr } = await endedWith(error)
  assert.equal(code, 1)
  const { level, msg, service, err } = JSON.parse(stdout)
  assert.deepEqual([level, msg, service, err.message], ['fatal', 'service failed', 'api', 'Invalid URL'])
  assert.doesNotMatch(stdout + stderr, /canary/)
})

test('faults of its configuration are told in words', async () => {
  const { code, stdout, stderr } = await endedWith(`new ConfigError([{ variable: 'PORT', message: 'is required' }])`)
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /PORT.*is required/)
})

async function endedWith(error: string): Promise<Readonly<{ code: number; stdout: string; stderr: string }>> {
  const program = `import { ConfigError, endFailedStart } from '${RUNTIME}'
    void ConfigError
    try { throw ${error} } catch (error) { endFailedStart('api', error) }`
  return await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]).then(
    () => assert.fail('it did not fail'),
    (failure: unknown) => Object(failure),
  )
}
