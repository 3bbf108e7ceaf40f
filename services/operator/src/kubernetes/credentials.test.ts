import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kubeconfigCredentials, podCredentials } from './credentials.ts'

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

test('of a kubeconfig its certificates, its token and its server are taken, with paths from where it lies', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  t.after(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'ca.crt'), 'CA')
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443/', 'certificate-authority': 'ca.crt' } }],
    users: [{ name: 'u', user: { token: 'secret', 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  await writeFile(join(directory, 'config'), JSON.stringify(kubeconfig))
  const { server, tls, headers } = await kubeconfigCredentials(join(directory, 'config'))()
  assert.equal(server, 'https://10.0.0.1:6443')
  assert.deepEqual([tls.ca, tls.cert, tls.key].map(String), ['CA', 'CERT', 'KEY'])
  assert.equal(headers['authorization'], 'Bearer secret')
})
