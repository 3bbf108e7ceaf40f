import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { podCredentials } from './credentials.ts'

test('the credentials of a pod are those that its files hold now', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'service-account-'))
  t.after(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'ca.crt'), 'CA')
  await writeFile(join(directory, 'token'), 'first\n')
  const read = podCredentials({ host: '10.0.0.1', port: '443', directory })
  assert.deepEqual(await read(), {
    server: 'https://10.0.0.1:443',
    tls: { ca: 'CA' },
    headers: { authorization: 'Bearer first' },
  })
  await writeFile(join(directory, 'token'), 'second')
  assert.equal((await read()).headers['authorization'], 'Bearer second')
  assert.equal((await podCredentials({ host: 'fd00::1', port: '443', directory })()).server, 'https://[fd00::1]:443')
})
