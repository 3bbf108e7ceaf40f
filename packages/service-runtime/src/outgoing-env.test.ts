import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { parseEnv } from './config.ts'
import { outgoingEnv } from './outgoing-env.ts'

const networksOf = (env: NodeJS.ProcessEnv) => parseEnv(z.object({ ...outgoingEnv }), env).OUTGOING_PRIVATE_NETWORKS

test('no private network may be called unless it is listed', () => {
  assert.deepEqual(networksOf({}), [])
  assert.deepEqual(networksOf({ OUTGOING_PRIVATE_NETWORKS: '127.0.0.0/8, fd00::/8' }), ['127.0.0.0/8', 'fd00::/8'])
})

test('what is no network is refused', () => {
  for (const text of ['true', '127.0.0.1', '10.0.0.0/33', 'localhost', '*', '127.0.0.0/8,'])
    assert.throws(() => networksOf({ OUTGOING_PRIVATE_NETWORKS: text }), /OUTGOING_PRIVATE_NETWORKS/, text)
})
