import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import fc from 'fast-check'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { restrictedNamespace } from '../../infra/src/namespace.ts'
import { parseSenderSpec } from '../../infra/src/parse-sender.ts'
import { PRESETS, type SenderSpecInput } from '../../infra/src/presets.ts'
import { render } from '../../infra/src/render.ts'
import { senderSpecs } from '../../infra/tests/specs.ts'
import { type ControlPlane, KubernetesToolError, startControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'
import { foreignDefinitions } from './foreign-definitions.ts'
import { foreignPodsOf } from './foreign-pods.ts'
import { podsOf } from './pods-of.ts'

const KindOf = z.looseObject({ kind: z.string() })
const DRY = ['--dry-run=server', '--force-conflicts']

/** Each way to carry, keep, send, scale and reach, at least once. */
const SPECS: Readonly<Record<string, SenderSpecInput>> = {
  'external servers with TLS, a login and topics': {
    kafka: {
      mode: 'external',
      external: {
        bootstrapServers: ['kafka.example.com:9093'],
        tls: { caSecretRef: { name: 'kafka-ca' } },
        sasl: { username: 'wa', passwordSecretRef: { name: 'kafka-login' } },
        createTopics: true,
      },
    },
    mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
    evolution: {
      mode: 'external',
      external: { url: 'https://evolution.example.com', apiKeySecretRef: { name: 'evolution' } },
    },
    consumer: { autoscaling: { type: 'keda' } },
    scheduling: { tolerations: [{ key: 'spot', operator: 'Exists' }], nodeSelector: { pool: 'spot' } },
  },
  'an HTTPRoute and an autoscaler by metrics': {
    evolution: { mode: 'managed' },
    api: { httpRoute: { host: 'wa.example.com', parentRefs: [{ name: 'web', namespace: 'gateways' }] } },
    consumer: { autoscaling: { type: 'hpa' } },
  },
}

suite('what is rendered', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let namespace: string
  before(async () => {
    plane = await startControlPlane()
    await plane.define(await foreignDefinitions())
    const { labels = {} } = restrictedNamespace('').metadata
    namespace = await plane.createNamespace(labels)
  })

  test('of both presets, as synth writes them, is taken whole, and their pods where Pod Security is restricted', async () => {
    await promisify(execFile)(process.execPath, [join(repositoryRoot, 'infra/src/main.ts')])
    for (const preset of Object.keys(PRESETS)) {
      const file = join(repositoryRoot, 'infra/dist', preset, 'sender.k8s.yaml')
      const documents = parseAllDocuments(await readFile(file, 'utf8')).map((one) => KindOf.parse(one.toJS()))
      await plane.apply(documents.filter(({ kind }) => kind === 'Namespace'))
      await plane.kubectl(['apply', '--server-side', '--filename', file, ...DRY])
      await admitted(documents)
    }
  })

  for (const [what, spec] of Object.entries(SPECS)) {
    test(`with ${what} is taken whole, and the pods where Pod Security is restricted`, async () => {
      await takenAndAdmitted(spec)
    })
  }

  test('of any specification is taken whole, and its pods where Pod Security is restricted', async () => {
    const property = fc.asyncProperty(senderSpecs, takenAndAdmitted)
    await fc.assert(property, { numRuns: 8, endOnFailure: true })
  })

  test('asks Strimzi and MongoDB for pods that are admitted there, too', async () => {
    const pods = foreignPodsOf(rendered({ ...PRESETS.prod, monitoring: { monitors: true } }))
    assert.deepEqual(
      pods.map(({ metadata }) => metadata.name),
      [
        'kafka-wa-0',
        'kafka-wa-1',
        'kafkanodepool-wa-controller-0',
        'kafkanodepool-wa-broker-0',
        'mongodbcommunity-wa-mongodb-0',
      ],
    )
    await plane.apply(pods, DRY)
  })

  test('would not be admitted there without its security contexts', async () => {
    const objects = rendered(PRESETS.dev)
    await makeServiceAccounts(objects)
    const [pod] = podsOf(objects)
    assert.ok(pod)
    const bare = { ...pod, spec: { ...pod.spec, securityContext: {} } }
    await assert.rejects(plane.apply([bare], DRY), (error: unknown) => {
      assert.ok(error instanceof KubernetesToolError)
      assert.match(error.stderr, /violates PodSecurity "restricted:latest": .*seccompProfile/)
      return true
    })
  })

  function rendered(spec: SenderSpecInput) {
    return render({ name: 'wa', namespace, spec: parseSenderSpec(spec) })
  }

  async function takenAndAdmitted(spec: SenderSpecInput): Promise<void> {
    const objects = rendered(spec)
    await plane.apply(objects, DRY)
    await admitted(objects)
  }

  async function admitted(objects: readonly z.infer<typeof KindOf>[]): Promise<void> {
    await makeServiceAccounts(objects)
    const pods = podsOf(objects)
    assert.ok(pods.length >= 2)
    await plane.apply([...pods, ...foreignPodsOf(objects)], DRY)
  }

  /** A pod is refused without its own before anything else of it is looked at. */
  async function makeServiceAccounts(objects: readonly z.infer<typeof KindOf>[]): Promise<void> {
    await plane.apply(objects.filter(({ kind }) => kind === 'ServiceAccount'))
  }
})
