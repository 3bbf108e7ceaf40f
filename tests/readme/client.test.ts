import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { promisify } from 'node:util'
import { dataOf } from '@whatsapp-sender/client'
import { sharedSystem } from '../support/shared-system.ts'
import type { System } from '../support/system.ts'
import { blocksOf } from './markdown.ts'
import { root } from './pages.ts'

const EXAMPLE = join(root, 'packages/client/tests/example.ts')

let system: System
before(async () => {
  system = await sharedSystem()
})

test('the example of docs/client.md sends a message and follows it to its end', async () => {
  const page = await readFile(join(root, 'docs/client.md'), 'utf8')
  const example = await readFile(EXAMPLE, 'utf8')
  assert.ok(
    blocksOf(page).some(({ text }) => text === example),
    'docs/client.md does not show packages/client/tests/example.ts as it is',
  )
  const { admin, apiUrl } = system
  await admin.createInstance('sales')
  const scopes = ['messages:send', 'messages:read'] as const
  const { key } = await dataOf(admin.api.POST('/v1/api-keys', { body: { name: 'example', scopes: [...scopes] } }))
  const env = { ...process.env, API_URL: apiUrl, API_KEY: key }
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE], { env })
  assert.match(stdout, /^(delivered|read)$/m)
})
