import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { entryOf } from './test-groups.ts'

/** Fails where a hook has been called more or less often than tests of its own file have begun. */
const COUNTS_ITS_HOOKS = `import assert from 'node:assert'
import { before, beforeEach, mock, test } from 'node:test'
let [files, tests, begun] = [0, 0, 0]
before(() => { files += 1; mock.timers.enable({ apis: ['setTimeout'] }) })
beforeEach(() => { tests += 1 })
for (const name of ['first', 'second']) {
  test(name, () => { begun += 1; assert.deepEqual([files, tests], [1, begun]); mock.timers.reset() })
}
`
const CANNOT_BE_LOADED = "import './missing.mjs'\n"

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'load-together-'))
})
after(() => rm(directory, { recursive: true }))

test('files that share a process keep their hooks to themselves', async () => {
  const { status, stdout } = await runTogether({ 'a.mjs': COUNTS_ITS_HOOKS, 'b.mjs': COUNTS_ITS_HOOKS })
  assert.equal(status, 0, stdout)
  assert.match(stdout, /^# tests 4$/m)
  assert.match(stdout, /^# suites 2$/m)
})

test('a file that cannot be loaded fails, and those that share its process run', async () => {
  const { status, stdout } = await runTogether({ 'bad.mjs': CANNOT_BE_LOADED, 'good.mjs': COUNTS_ITS_HOOKS })
  assert.equal(status, 1)
  assert.match(stdout, /^not ok 1 - .*bad\.mjs$/m)
  assert.match(stdout, /^ok 2 - .*good\.mjs$/m)
  assert.match(stdout, /^# tests 2$/m)
})

test('what files that share a process share is ended once, after the last of them, also when that fails', async () => {
  const loader = pathToFileURL(join(import.meta.dirname, 'load-together.ts')).href
  const shares = `import { test } from 'node:test'
import { afterAllFiles } from ${JSON.stringify(loader)}
console.log('loaded: a')
afterAllFiles(async () => console.log('ended'))
test('a test of the first', () => {})
`
  const fails = "console.log('loaded: b')\nthrow new Error('it fails')\n"
  const { stdout } = await runTogether({ 'a.mjs': shares, 'b.mjs': fails })
  // What the reporter writes comes at times of its own.
  assert.deepEqual(stdout.match(/^(loaded: .|ended)$/gm), ['loaded: a', 'loaded: b', 'ended'])
})

async function runTogether(
  files: Readonly<Record<string, string>>,
): Promise<{ status: number | null; stdout: string }> {
  const group = Object.keys(files).map((name) => join(directory, name))
  await Promise.all(group.map((path, at) => writeFile(path, Object.values(files)[at] ?? '')))
  // Inside a test, Node's runner would take the process for one of its own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const entry = await entryOf(group, directory)
  return spawnSync(process.execPath, ['--test-reporter=tap', entry], { env, encoding: 'utf8' })
}
