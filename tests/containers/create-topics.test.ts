import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

const main = join(repositoryRoot, 'sandbox/embedded/create-topics.ts')

test('a broker that cannot be reached is told in a sentence, and ends the program with a fault', () => {
  const env = { PATH: process.env['PATH'], KAFKA_BROKERS: '127.0.0.1:1' }
  const { status, stderr } = spawnSync(process.execPath, [main], { env, encoding: 'utf8' })
  assert.equal(status, 1)
  assert.equal(stderr, 'Connection error: connect ECONNREFUSED 127.0.0.1:1\n')
})
