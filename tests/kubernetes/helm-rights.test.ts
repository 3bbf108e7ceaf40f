import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { crds, parseSenderSpec, render } from '@whatsapp-sender/infra'
import fc from 'fast-check'
import { z } from 'zod'
import { senderSpecs } from '../../infra/tests/specs.ts'
import { type ControlPlane, startControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'
import { createRelease, type Release } from './helm-release.ts'

/** As `kubectl auth can-i` asks for it; without a namespace in the whole cluster. */
type Right = Readonly<{
  verb: string
  group: string
  resource: string
  subresource?: string
  name?: string
  namespace?: string
}>

const MANAGED = ['get', 'list', 'watch', 'create', 'patch', 'delete']
const OURS = 'whatsappsender.io'
const SAMPLES = 200

suite('the ServiceAccount of the operator', { skip: whyNoKubernetes('helm') }, () => {
  let plane: ControlPlane
  let release: Release
  let directory: string
  before(async () => {
    plane = await startControlPlane()
    await plane.define(crds())
    directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-helm-'))
    release = await createRelease(plane, directory)
    await release.install()
  })
  after(async () => {
    await release.helm(['uninstall', 'wa'])
    await release.cluster.close()
    await rm(directory, { recursive: true })
  })

  test('may do all that the operator does, in its namespace', async () => {
    const { namespace } = release
    const kinds = renderedResources().flatMap(({ group, resource }) =>
      MANAGED.map((verb) => ({ verb, group, resource, namespace })),
    )
    const own = ['whatsappsenders', 'whatsappinstances'].flatMap((resource): Right[] => [
      ...['get', 'list', 'watch'].map((verb) => ({ verb, group: OURS, resource, namespace })),
      { verb: 'patch', group: OURS, resource, subresource: 'status', namespace },
      { verb: 'update', group: OURS, resource, subresource: 'finalizers', namespace },
    ])
    const rights: Right[] = [
      ...kinds,
      ...own,
      { verb: 'patch', group: OURS, resource: 'whatsappinstances', namespace },
      ...['get', 'create', 'patch', 'delete'].map((verb) => ({ verb, group: '', resource: 'secrets', namespace })),
      ...['get', 'create', 'patch'].map((verb) => ({ verb, group: '', resource: 'events', namespace })),
      lease('create', namespace),
      ...['get', 'update'].map((verb) => ({ ...lease(verb, namespace), name: 'wa-operator' })),
      ...crds().flatMap(({ metadata: { name } }) => ['get', 'update'].map((verb) => definition(verb, name))),
    ]
    assert.deepEqual(await refused(rights), [])
  })

  test('may change no kind that the operator makes none of', async () => {
    const role = await release.read('Role', 'wa-operator', 'rbac.authorization.k8s.io/v1')
    const rules = z
      .array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }))
      .parse(role?.['rules'])
    const granted = rules
      .filter(({ verbs }) => verbs.includes('delete') && verbs.includes('list'))
      .flatMap(({ apiGroups, resources }) =>
        apiGroups.flatMap((group) => resources.map((resource) => ({ group, resource }))),
      )
    assert.deepEqual(sorted(granted), sorted(renderedResources()))
    assert.ok(!JSON.stringify(rules).includes('*'))
  })

  test('may not look for Secrets, leave its namespace, run programs, or give itself or others more', async () => {
    const { namespace } = release
    const elsewhere = 'kube-system'
    const rights: Right[] = [
      ...['list', 'watch', 'deletecollection'].map((verb) => ({ verb, group: '', resource: 'secrets', namespace })),
      ...MANAGED.map((verb) => ({ verb, group: '', resource: 'secrets', namespace: elsewhere })),
      ...MANAGED.map((verb) => ({ verb, group: '', resource: 'secrets' })),
      ...MANAGED.map((verb) => ({ verb, group: 'apps', resource: 'deployments', namespace: elsewhere })),
      ...MANAGED.map((verb) => ({ verb, group: OURS, resource: 'whatsappsenders', namespace: elsewhere })),
      ...['create', 'update', 'patch', 'delete'].map((verb) => ({
        verb,
        group: OURS,
        resource: 'whatsappsenders',
        namespace,
      })),
      ...['create', 'get', 'delete'].map((verb) => ({ verb, group: '', resource: 'pods', namespace })),
      { verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace },
      { verb: 'create', group: '', resource: 'serviceaccounts', subresource: 'token', namespace },
      ...['persistentvolumeclaims', 'namespaces', 'nodes'].map((resource) => ({ verb: 'delete', group: '', resource })),
      ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].flatMap((resource) =>
        ['create', 'patch', 'update', 'bind', 'escalate'].map((verb) => ({
          verb,
          group: 'rbac.authorization.k8s.io',
          resource,
          namespace,
        })),
      ),
      { verb: 'impersonate', group: '', resource: 'users' },
      { ...lease('update', namespace), name: 'of-somebody-else' },
      ...['create', 'list', 'delete', 'patch'].map((verb) => definition(verb)),
      definition('update', 'kafkas.kafka.strimzi.io'),
      ...crds().map(({ metadata: { name } }) => definition('delete', name)),
    ]
    const refusals = await refused(rights)
    assert.deepEqual(
      rights.map(textOf).filter((right) => !refusals.includes(right)),
      [],
    )
  })

  /** Those of these rights that it has not. */
  async function refused(rights: readonly Right[]): Promise<readonly string[]> {
    const { namespace } = release
    const who = {
      user: `system:serviceaccount:${namespace}:wa-operator`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    }
    const items = rights.map((resourceAttributes) => ({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { ...who, resourceAttributes },
    }))
    const answers = await plane.kubectl(
      ['create', '--filename', '-', '--output=jsonpath={.status.allowed}{"\\n"}', '--validate=false'],
      { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) },
    )
    const allowed = answers.trim().split('\n')
    assert.equal(allowed.length, rights.length)
    return rights.filter((_, index) => allowed[index] !== 'true').map(textOf)
  }
})

/** Every kind that `render` makes of some specification, as the API server names it in rules. */
function renderedResources(): readonly Readonly<{ group: string; resource: string }>[] {
  const route = { host: 'wa.example.com', parentRefs: [{ name: 'gateway' }] }
  const specs = [
    ...fc.sample(senderSpecs, { numRuns: SAMPLES, seed: 1 }),
    { evolution: { mode: 'managed' }, api: { httpRoute: route } },
  ]
  const found = new Map<string, Readonly<{ group: string; resource: string }>>()
  for (const spec of specs) {
    for (const { apiVersion, kind } of render({ name: 'wa', namespace: 'x', spec: parseSenderSpec(spec) })) {
      const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
      found.set(`${group}/${kind}`, { group, resource: pluralOf(kind) })
    }
  }
  return [...found.values()]
}

function pluralOf(kind: string): string {
  const name = kind.toLowerCase()
  if (name === 'mongodbcommunity') return name
  if (name.endsWith('y')) return `${name.slice(0, -1)}ies`
  return name.endsWith('s') ? `${name}es` : `${name}s`
}

function sorted(resources: readonly Readonly<{ group: string; resource: string }>[]): readonly string[] {
  return [...new Set(resources.map(({ group, resource }) => `${group}/${resource}`))].sort()
}

function lease(verb: string, namespace: string): Right {
  return { verb, group: 'coordination.k8s.io', resource: 'leases', namespace }
}

function definition(verb: string, name?: string): Right {
  return {
    verb,
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    ...(name !== undefined && { name }),
  }
}

function textOf({ verb, group, resource, subresource, name, namespace }: Right): string {
  const what = [resource, subresource].filter(Boolean).join('/')
  return `${verb} ${what}.${group} ${name ?? ''} in ${namespace ?? 'the cluster'}`
}
