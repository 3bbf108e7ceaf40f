import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { crds } from '@whatsapp-sender/infra'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type ControlPlane, startControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'
import { type System, startSystem } from '../support/system.ts'
import { createRelease, programOf, type Release, VALUES } from './helm-release.ts'

const run = promisify(execFile)
const FINALIZER = 'whatsappsender.io/test'
/** A Logout makes the chart wait for the operator before it goes. */
const INSTANCES = [{ name: 'store' }, { name: 'shop', spec: { deletionPolicy: 'Logout' } }]

// What the pods of hooks run is run here, with the environment that they have, for there is no node.
suite('the hooks of the chart', { skip: whyNoKubernetes('helm') }, () => {
  let plane: ControlPlane
  let release: Release
  let system: System
  let directory: string
  before(async () => {
    plane = await startControlPlane()
    await plane.define(crds())
    directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-helm-'))
    release = await createRelease(plane, directory)
    system = await startSystem()
    await release.install({ ...VALUES, instances: INSTANCES, test: { timeoutSeconds: 20 } })
  })
  after(async () => {
    await release.cluster.close()
    await system.stop()
    await rm(directory, { recursive: true })
  })

  test('`helm test` sends a message to the sandbox and sees it read, as often as it is asked to', async () => {
    for (const time of ['first', 'second']) {
      const testing = release.helm(['test', 'wa'])
      const { stdout } = await runTestPod(system.adminAccount.password)
      assert.match(stdout, /message \S+ is read\n$/, time)
      await release.playKubelet('Succeeded', 'test')
      assert.match(await testing, /Phase: +Succeeded/)
    }
    const { body } = await system.admin.call<{ data: readonly unknown[] }>('GET', '/v1/instances')
    assert.deepEqual(body.data, [], 'the instance of the test is still there')
  })

  test('`helm test` fails, and says why, when a message cannot be sent', async () => {
    const testing = release.helm(['test', 'wa', '--timeout', '60s'])
    testing.catch(() => undefined)
    await assert.rejects(runTestPod('a wrong password'), /in vain until the administrator can log in/)
    await release.playKubelet('Failed', 'test')
    await assert.rejects(testing, /failed/)
  })

  test('before the operator goes, it lets go of every instance', async () => {
    const { cluster, namespace } = release
    const shop = { apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppInstance', name: 'shop', namespace }
    await finalize([FINALIZER])
    const going = release.helm(['uninstall', 'wa'])
    going.catch(() => undefined)
    const script = runUninstallPod()
    script.catch(() => undefined)
    await until('instances are deleted', async () => {
      return (await cluster.read(shop))?.metadata.deletionTimestamp === undefined ? undefined : true
    })
    assert.equal(await cluster.read({ ...shop, name: 'store' }), undefined)
    assert.ok(await release.read('Deployment', 'wa-operator', 'apps/v1'))
    await finalize([])
    assert.match((await script).stdout, /waiting for shop\n(?:.*\n)*no instance is left\n$/)
    await release.playKubelet('Succeeded', 'uninstall')
    await going
    assert.equal(await release.read('Deployment', 'wa-operator', 'apps/v1'), undefined)
    for (const kind of ['ServiceAccount', 'Role', 'RoleBinding', 'Job']) {
      assert.equal(await release.read(kind, 'wa-uninstall', VERSIONS[kind] ?? 'v1'), undefined, kind)
    }
  })

  /** In place of a kubelet; the phase of the pod is told afterwards. */
  async function runTestPod(password: string) {
    const { args, env } = programOf((await podOf('test'))['spec'])
    const file = join(directory, 'ADMIN_PASSWORD')
    await writeFile(file, password, { mode: 0o600 })
    const { email } = system.adminAccount
    return await run(process.execPath, [...args], {
      env: { ...env, API_URL: system.apiUrl, ADMIN_EMAIL: email, ADMIN_PASSWORD_FILE: file },
    })
  }

  async function runUninstallPod() {
    const { args, env } = programOf((await podOf('uninstall'))['spec'])
    const { server, ca, token } = await release.accessOf('wa-uninstall')
    const files = { NODE_EXTRA_CA_CERTS: join(directory, 'ca.crt'), TOKEN_FILE: join(directory, 'token') }
    await writeFile(files.NODE_EXTRA_CA_CERTS, ca)
    await writeFile(files.TOKEN_FILE, token, { mode: 0o600 })
    const place = { KUBERNETES_SERVICE_HOST: server.hostname, KUBERNETES_SERVICE_PORT: server.port }
    return await run(process.execPath, [...args], { env: { ...env, ...place, ...files } })
  }

  function podOf(component: string) {
    return until(`a pod of ${component} is there`, async () => {
      const [pod] = await release.pods(component)
      return Object(pod?.['status']).phase === 'Pending' ? pod : undefined
    })
  }

  function finalize(finalizers: readonly string[]): Promise<string> {
    const patch = ['--type=merge', '--patch', JSON.stringify({ metadata: { finalizers } })]
    return plane.kubectl(['patch', 'wai', 'shop', '--namespace', release.namespace, ...patch])
  }
})

const VERSIONS: Readonly<Record<string, string>> = {
  Role: 'rbac.authorization.k8s.io/v1',
  RoleBinding: 'rbac.authorization.k8s.io/v1',
  Job: 'batch/v1',
}
