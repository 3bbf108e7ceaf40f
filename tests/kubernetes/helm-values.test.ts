import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, suite, test } from 'node:test'
import { parseSenderSpec, render } from '@whatsapp-sender/infra'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { z } from 'zod'
import { type ControlPlane, KubernetesToolError, startControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'
import { CHART, programOf, VALUES } from './helm-release.ts'

const Rendered = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})
type Rendered = z.infer<typeof Rendered>

suite('the values of the chart', { skip: whyNoKubernetes('helm') }, () => {
  let plane: ControlPlane
  before(async () => {
    plane = await startControlPlane()
  })

  test('pass the linter of Helm as they are', async () => {
    assert.match(await plane.helm(['lint', '--strict', CHART]), /0 chart\(s\) failed/)
  })

  const wrong: readonly (readonly [what: string, values: object, message: RegExp])[] = [
    [
      'an unknown mode',
      { sender: { evolution: { mode: 'none' } } },
      /'\/sender\/evolution\/mode': value must be one of/,
    ],
    ['a misspelt field of the sender', { sender: { api: { replics: 3 } } }, /'\/sender\/api'.*'replics' not allowed/],
    ['a misspelt value', { operater: {} }, /'operater' not allowed/],
    ['a word for a number', { operator: { replicas: 'two' } }, /'\/operator\/replicas': got string, want integer/],
    ['an instance without a name', { instances: [{}] }, /'\/instances\/0': missing property 'name'/],
    ['a name too long for children', { senderName: 'a'.repeat(41) }, /'\/senderName': maxLength: got 41, want 40/],
  ]
  for (const [what, values, message] of wrong) {
    test(`are refused with ${what}, and the field is named`, async () => {
      await assert.rejects(template(values), (error: unknown) => {
        assert.ok(error instanceof KubernetesToolError)
        assert.match(error.stderr, message)
        return true
      })
    })
  }

  test('that the pages show are taken, also by the rules that only the API server knows', async () => {
    const pages = {
      'docs/operations.md': /<<'END'\n(.*?)END\n/s,
      'charts/whatsapp-sender/README.md': /# production\.yaml\n(.*?)```/s,
    }
    for (const [page, block] of Object.entries(pages)) {
      const [, text = ''] = block.exec(await readFile(join(repositoryRoot, page), 'utf8')) ?? []
      const { sender } = z.looseObject({ sender: z.looseObject({}) }).parse(parse(text))
      parseSenderSpec(sender)
      assert.ok(
        (await template(parse(text))).some(({ kind }) => kind === 'WhatsAppSender'),
        page,
      )
    }
  })

  test('without a sender install the operator alone, and say how to go on', async () => {
    const kinds = new Set((await template({ sender: null })).map(({ kind }) => kind))
    assert.ok(kinds.has('Deployment'))
    assert.deepEqual(
      ['WhatsAppSender', 'WhatsAppInstance', 'Pod', 'Job'].filter((kind) => kinds.has(kind)),
      [],
    )
  })

  test('that leave the definitions to others give the operator no right outside its namespace', async () => {
    const objects = await template({ crds: { manage: false } })
    assert.ok(objects.every(({ metadata }) => metadata.namespace === 'whatsapp'))
    assert.match(JSON.stringify(objects), /"CRDS_MANAGE","value":"false"/)
  })

  test('with several operators let the cluster take away one at a time', async () => {
    const budgets = async (replicas: number) =>
      (await template({ operator: { replicas } })).filter(({ kind }) => kind === 'PodDisruptionBudget').length
    assert.deepEqual([await budgets(1), await budgets(2)], [0, 1])
  })

  test('give `helm test` the image of the API, wherever that comes from', async () => {
    const imageWith = async (values: object) => {
      const pod = (await template(values)).find(({ kind }) => kind === 'Pod')
      return Object(pod?.['spec']).containers[0].image
    }
    const { sender } = VALUES
    const release = await appVersion()
    const registry = 'registry.example.com/wa'
    assert.equal(await imageWith(VALUES), `whatsapp-sender-api:${release}`)
    const mirrored = { sender: { ...sender, images: { registry } } }
    assert.equal(await imageWith(mirrored), `${registry}/whatsapp-sender-api:${release}`)
    const own = { sender: { ...sender, images: { registry }, api: { ...sender.api, image: 'localhost/api:1' } } }
    assert.equal(await imageWith(own), 'localhost/api:1')
    assert.equal(await imageWith({ ...own, test: { image: 'node:24' } }), 'node:24')
  })

  test('make no pod that the policies of the sender would cut off from Kubernetes and from the API', async () => {
    const instances = [{ name: 'store', spec: { deletionPolicy: 'Logout' } }]
    const labels = (await template({ ...VALUES, instances })).flatMap(({ kind, metadata, spec }) => {
      if (kind === 'Pod') return [metadata['labels']]
      return kind === 'Job' || kind === 'Deployment' ? [Object(spec).template.metadata.labels] : []
    })
    const components = labels.map((each) => Object(each)['app.kubernetes.io/component'])
    assert.deepEqual(new Set(components), new Set(['operator', 'test', 'uninstall']))
    const sender = parseSenderSpec(VALUES.sender)
    const deny = render({ name: 'wa', namespace: 'whatsapp', spec: sender }).find(
      ({ metadata }) => metadata.name === 'wa-default-deny',
    )
    const [{ operator, values }] = Object(deny?.['spec']).podSelector.matchExpressions
    assert.deepEqual([operator, new Set(values)], ['NotIn', new Set(components)])
  })

  test('let whoever may read the metrics of the sender read those of the operator, and nobody else', async () => {
    const callersOf = async (values: object) => {
      const policies = (await template(values)).filter(({ kind }) => kind === 'NetworkPolicy')
      return policies.flatMap(({ spec }) => Object(spec).ingress)
    }
    const ports = [{ port: 'metrics', protocol: 'TCP' }]
    const from = (matchLabels: object) => [{ from: [{ namespaceSelector: { matchLabels } }], ports }]
    const any = [{ from: [{ namespaceSelector: {} }], ports }]
    const [ours, others] = [{ team: 'monitoring' }, { team: 'others' }]
    assert.deepEqual(await callersOf(VALUES), any)
    const sender = { ...VALUES.sender, networkPolicy: { prometheusNamespaceLabels: ours } }
    assert.deepEqual(await callersOf({ sender }), from(ours))
    const operator = { networkPolicy: { prometheusNamespaceLabels: others } }
    assert.deepEqual(await callersOf({ sender, operator }), from(others))
    assert.deepEqual(await callersOf({ sender: null }), any)
  })

  test('put the scripts of the chart into pods as they are', async () => {
    const instances = [{ name: 'store', spec: { deletionPolicy: 'Logout' } }]
    const objects = await template({ ...VALUES, instances })
    const pods = [
      Object(objects.find(({ kind }) => kind === 'Pod')?.['spec']),
      Object(objects.find(({ kind }) => kind === 'Job')?.['spec']).template.spec,
    ]
    const run = pods.map((spec) => programOf(spec).args.at(-1))
    const folder = join(CHART, 'files')
    const scripts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')))
    assert.deepEqual(new Set(run), new Set(scripts))
    // The kubelet would put the value of a variable there.
    for (const script of scripts) assert.doesNotMatch(script, /\$\(/)
  })

  async function template(values: object): Promise<readonly Rendered[]> {
    const command = ['template', 'wa', CHART, '--namespace', 'whatsapp', '--values', '-']
    const manifest = await plane.helm(command, { input: stringify(values) })
    return parseAllDocuments(manifest).map((document) => Rendered.parse(document.toJS()))
  }

  async function appVersion(): Promise<string> {
    const chart = await plane.helm(['show', 'chart', CHART])
    return /^appVersion: (.*)$/m.exec(chart)?.[1] ?? ''
  }
})
