import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { createLogger } from '../src/index.ts'
import { openLogFile } from '../src/log-file.ts'

const base = await mkdtemp(join(tmpdir(), 'log-file-'))
after(() => rm(base, { recursive: true }))

test('writes every line to stdout and to the file, and makes the folder', async () => {
  const logDir = join(base, 'logs')
  const { logger, lines } = loggerTo(logDir)
  logger.debug({ token: 'canary' }, 'first')
  logger.error('second')
  assert.equal(lines.length, 2)
  assert.equal(await readFile(join(logDir, 'consumer.log'), 'utf8'), lines.join(''))
  assert.doesNotMatch(lines.join(''), /canary/)
})

test('goes on in a new file when one is full, keeps so many of the last, and loses no line between them', async () => {
  const directory = join(base, 'full')
  const file = openLogFile({ ...NO_TROUBLE, directory, name: 'consumer.log', bytesMax: 1000, olderMax: 2 })
  for (let n = 0; n < 1000; n++) file.write(`line ${String(n).padStart(5, '0')}\n`)
  assert.deepEqual((await readdir(directory)).sort(), ['consumer.log', 'consumer.log.1', 'consumer.log.2'])
  const kept: string[] = []
  for (const name of ['consumer.log.2', 'consumer.log.1', 'consumer.log']) {
    assert.ok((await stat(join(directory, name))).size <= 1000)
    kept.push(...(await readFile(join(directory, name), 'utf8')).trimEnd().split('\n'))
  }
  assert.equal(kept.at(-1), 'line 00999')
  const first = Number(kept[0]?.slice(5))
  assert.deepEqual(
    kept,
    Array.from({ length: 1000 - first }, (_, n) => `line ${String(first + n).padStart(5, '0')}`),
  )
})

test('counts what the file held before the process began', async () => {
  const o = { ...NO_TROUBLE, directory: join(base, 'again'), name: 'consumer.log', bytesMax: 100 }
  for (let n = 0; n < 20; n++) openLogFile(o).write(`${'x'.repeat(30)}\n`)
  assert.ok((await stat(join(o.directory, o.name))).size <= 100)
})

test('two processes share a file: neither throws away what the other has just begun', async () => {
  const o = { ...NO_TROUBLE, directory: join(base, 'two'), name: 'consumer.log', bytesMax: 100, olderMax: 1 }
  const [one, two] = [openLogFile(o), openLogFile(o)]
  for (let n = 0; n < 4; n++) one.write(`${'1'.repeat(30)}\n`)
  for (let n = 0; n < 4; n++) two.write(`${'2'.repeat(30)}\n`)
  const [now, before] = await Promise.all(
    ['', '.1'].map((age) => readFile(join(o.directory, `${o.name}${age}`), 'utf8')),
  )
  assert.match(String(now), /^1+\n2+\n$/)
  assert.match(String(before), /^(1+\n){3}(2+\n){3}$/)
})

test('a disk that is full ends no process: lines go to stdout, and that is said once', async () => {
  const logDir = join(base, 'no-room')
  await mkdir(logDir)
  await symlink('/dev/full', join(logDir, 'consumer.log'))
  const { logger, lines } = loggerTo(logDir)
  for (let n = 0; n < 3; n++) logger.info('said')
  await new Promise(setImmediate)
  const phrases = lines.map((line) => Object(JSON.parse(line)).msg)
  assert.deepEqual(phrases, ['said', 'said', 'said', 'the log file cannot be written; lines go to stdout only'])
})

test('where stdout is a file on a disk that is full, the process goes on', async () => {
  const program = `
    import { createLogger } from '${new URL('../src/index.ts', import.meta.url).href}'
    const logger = createLogger({ service: 'test', level: 'info' })
    for (let n = 0; n < 100; n++) logger.info({ n }, 'x'.repeat(1000))
    process.stderr.write('went on')`
  const args = ['--input-type=module', '--eval', program]
  const { stderr } = await promisify(execFile)('sh', ['-c', '"$0" "$@" > /dev/full', process.execPath, ...args])
  assert.match(stderr, /went on/)
})

const NO_TROUBLE = {
  onFailed: (err: unknown) => assert.fail(String(err)),
  onRecovered: () => assert.fail('nothing was lost'),
}

function loggerTo(logDir: string) {
  const lines: string[] = []
  const stdout = { write: (line: string) => lines.push(line) }
  return {
    lines,
    logger: createLogger({ service: 'consumer', level: 'debug', logDir, logFile: 'consumer.log', stdout }),
  }
}
