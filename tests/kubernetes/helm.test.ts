import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type ControlPlane, startOwnControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'
import { createRelease, type Release, VALUES } from './helm-release.ts'

const [NEWER, OLDER] = ['whatsappsenders.whatsappsender.io', 'whatsappinstances.whatsappsender.io'] as const
const DEFINITIONS = [NEWER, OLDER]
const RELEASE = '/metadata/annotations/whatsappsender.io~1release'
const undo: (() => unknown)[] = []

// One release from its beginning to its end, in a cluster that knows nothing of it before.
suite('a release of the chart', { skip: whyNoKubernetes('helm') }, () => {
  let plane: ControlPlane
  let release: Release
  let operator: RunningProcess
  let directory: string
  before(async () => {
    plane = await startOwnControlPlane({ after: (end) => void undo.push(end) })
    directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-helm-'))
    undo.push(() => rm(directory, { recursive: true }))
    release = await createRelease(plane, directory)
    undo.push(() => release.cluster.close())
  })
  after(async () => {
    for (const step of undo.reverse()) await step()
  })

  test('is taken by a namespace of restricted pods, brings the definitions, and says what to do next', async () => {
    const notes = await release.install({ ...VALUES, instances: [{ name: 'store' }] })
    const steps = [...notes.matchAll(/^(\d)\. .*\n {3}(kubectl|helm) /gm)].map(([, number]) => number)
    assert.deepEqual(steps, ['1', '2', '3'], notes)
    for (const name of DEFINITIONS) assert.ok(await definition(name), name)
    await until('its operator has a pod', async () =>
      (await release.pods('operator')).length === 1 ? true : undefined,
    )
    const { namespace } = release
    for (const command of notes.matchAll(/^ {3}(kubectl (?!wait|port-forward).*?)( --output .*)?$/gm)) {
      const [program = '', ...args] = (command[1] ?? '').split(' ')
      assert.equal(program, 'kubectl')
      // What is asked for the password comes with the operator.
      if (!args.includes('secret')) await plane.kubectl(args)
    }
    assert.ok(notes.includes(`--namespace ${namespace}`))
  })

  test('its operator makes of the resources what they say, with the rights of its ServiceAccount alone', async () => {
    operator = await release.startOperator()
    undo.push(() => operator.stop())
    await release.untilReady()
    for (const name of ['api', 'consumer', 'sandbox']) {
      assert.ok(await release.read('Deployment', `wa-${name}`, 'apps/v1'), name)
    }
    // Its API is a pod that does not run here: all that can be said is that.
    await until('the instance has a status', async () => {
      const instance = await release.read('WhatsAppInstance', 'store', 'whatsappsender.io/v1alpha1')
      return Object(instance?.['status']).conditions === undefined ? undefined : true
    })
    const log = await operator.lastLines(1000)
    assert.doesNotMatch(log, /forbidden/i)
    const warnings = ['get', 'events', '--namespace', release.namespace, '--field-selector', 'type=Warning']
    const said = await plane.kubectl([
      ...warnings,
      '--output=jsonpath={range .items[*]}{.involvedObject.kind} {.message}{"\\n"}{end}',
    ])
    assert.doesNotMatch(said, /^WhatsAppSender|forbidden/m)
  })

  test('an upgrade with other values reaches what is made of them', async () => {
    const { sender } = VALUES
    await release.upgrade({
      sender: { ...sender, consumer: { replicas: 3 }, settings: { DEFAULT_COUNTRY: 'PT' } },
      operator: { logLevel: 'debug' },
    })
    await until('three consumers', async () => {
      const consumer = await release.read('Deployment', 'wa-consumer', 'apps/v1')
      return Object(consumer?.['spec']).replicas === 3 ? true : undefined
    })
    assert.equal(await release.read('WhatsAppInstance', 'store', 'whatsappsender.io/v1alpha1'), undefined)
    const settings = await release.read('ConfigMap', 'wa-settings', 'v1')
    assert.deepEqual(settings?.['data'], { DEFAULT_COUNTRY: 'PT' })
    const operatorDeployment = JSON.stringify(await release.read('Deployment', 'wa-operator', 'apps/v1'))
    assert.match(operatorDeployment, /\{"name":"LOG_LEVEL","value":"debug"\}/)
    await release.untilReady()
  })

  test('its operator, when it starts, brings older definitions to its own release, and leaves newer ones', async () => {
    await operator.stop()
    const before = await definition(OLDER)
    const rules = '/spec/versions/0/schema/openAPIV3Schema/x-kubernetes-validations/-'
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    const rule = { rule: "self.metadata.name != 'refused-once'", message: 'refused by a release before' }
    await patch(OLDER, [
      { op: 'replace', path: RELEASE, value: '0.0.9' },
      { op: 'add', path: rules, value: rule },
      { op: 'remove', path: '/spec/names/shortNames' },
      { op: 'add', path: '/spec/versions/-', value: { name: 'v1alpha0', served: true, storage: false, schema } },
    ])
    await patch(NEWER, [
      { op: 'replace', path: RELEASE, value: '99.0.0' },
      { op: 'add', path: '/spec/names/categories/-', value: 'newer' },
    ])
    operator = await release.startOperator()
    await until('the older one is up to date', async () => {
      const now = await definition(OLDER)
      return isDeepStrictEqual(now?.['spec'], before?.['spec']) ? true : undefined
    })
    assert.deepEqual((await definition(OLDER))?.metadata.annotations, before?.metadata.annotations)
    const newer = await definition(NEWER)
    assert.deepEqual(Object(newer?.['spec']).names.categories, ['whatsapp', 'newer'])
  })

  test('what the API server refuses leaves everything as it was, and names the field', async () => {
    const { sender } = VALUES
    await assert.rejects(
      release.upgrade({ sender: { ...sender, consumer: { replicas: 99 } } }),
      /consumer\.replicas.*must not exceed kafka\.partitions/s,
    )
    const consumer = await release.read('Deployment', 'wa-consumer', 'apps/v1')
    assert.equal(Object(consumer?.['spec']).replicas, 3)
    await release.helm(['rollback', 'wa', '2'])
  })

  test('its end leaves data and what keeps them readable, and nothing else', async () => {
    await release.helm(['uninstall', 'wa'])
    await operator.stop()
    const left = await until('everything is collected', async () => {
      const names = await everything()
      return names.some((name) => /^(pod|deployment|replicaset|whatsappsender)\b/.test(name)) ? undefined : names
    })
    assert.deepEqual(left, [
      'configmap/kube-root-ca.crt',
      'secret/mongo',
      'secret/wa-evolution',
      'secret/wa-keys',
      'serviceaccount/default',
    ])
    const cluster = await plane.kubectl(['get', 'clusterroles,clusterrolebindings', '--output=name'])
    assert.doesNotMatch(cluster, /wa-operator/)
    for (const name of DEFINITIONS) assert.ok(await definition(name), `${name} went, and every resource with it`)
  })

  /** As Helm would have written it. */
  function patch(name: string, steps: readonly object[]): Promise<string> {
    return plane.kubectl([
      'patch',
      'crd',
      name,
      '--type=json',
      '--field-manager=helm',
      '--patch',
      JSON.stringify(steps),
    ])
  }

  function definition(name: string) {
    return release.cluster.read({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name })
  }

  /** Every object of the namespace, of whatever kind, but for Events: the cluster forgets those by itself. */
  async function everything(): Promise<readonly string[]> {
    const kinds = await plane.kubectl(['api-resources', '--verbs=list', '--namespaced', '--output=name'])
    const asked = kinds.split('\n').filter((kind) => kind !== '' && !kind.startsWith('events'))
    const { namespace } = release
    const names = await plane.kubectl(['get', asked.join(','), '--namespace', namespace, '--output=name'])
    return names.split('\n').filter(Boolean).sort()
  }
})
