import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLogger } from '../src/index.ts'

test('writes every line to stdout and to the file, and makes the folder', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'log-file-'))
  t.after(() => rm(base, { recursive: true }))
  const lines: string[] = []
  const logDir = join(base, 'logs')
  const logger = createLogger({
    service: 'consumer',
    level: 'debug',
    logDir,
    logFile: 'consumer.log',
    stdout: { write: (line) => lines.push(line) },
  })
  logger.debug({ token: 'canary' }, 'first')
  logger.error('second')
  assert.equal(lines.length, 2)
  assert.equal(await readFile(join(logDir, 'consumer.log'), 'utf8'), lines.join(''))
  assert.doesNotMatch(lines.join(''), /canary/)
})
