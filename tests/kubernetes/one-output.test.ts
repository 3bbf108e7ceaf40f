import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { parseAllDocuments, stringify } from 'yaml'
import { z } from 'zod'
import { manifestOf } from '../../infra/src/manifest.ts'
import { restrictedNamespace } from '../../infra/src/namespace.ts'
import { PRESETS } from '../../infra/src/presets.ts'
import { crds } from '../../infra/src/schema/crds.ts'
import type { Cluster } from '../../services/operator/src/kubernetes/cluster.ts'
import { OWNER_LABEL } from '../../services/operator/src/senders/ownership.ts'
import { openCluster, runOperator, until } from '../../services/operator/tests/support/operator-cluster.ts'
import { type ControlPlane, KubernetesToolError, whyNoKubernetes } from '../support/kubernetes.ts'
import { foreignDefinitions } from './foreign-definitions.ts'

const run = promisify(execFile)
const INFRA = join(repositoryRoot, 'infra/src')
const HEAD = { apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppSender' }
/** As docs/kubernetes.md has it. */
const DIFF = ['diff', '--server-side', '--force-conflicts', '--filename']

/** What would be if somebody else applied it too: the server says of each object which fields they would have. */
const AS_ANOTHER = ['--server-side', '--force-conflicts', '--field-manager=another', '--dry-run=server']

const Applied = z.looseObject({
  items: z.array(
    z.looseObject({
      kind: z.string(),
      metadata: z.looseObject({
        name: z.string(),
        managedFields: z.array(
          z.looseObject({ manager: z.string(), operation: z.string(), fieldsV1: z.record(z.string(), z.unknown()) }),
        ),
      }),
    }),
  ),
})
type Item = z.infer<typeof Applied>['items'][number]

suite('one sender', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  let directory: string
  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    await plane.define([...crds(), ...(await foreignDefinitions())])
    directory = await mkdtemp(join(tmpdir(), 'one-output-'))
  })
  after(async () => {
    await cluster.close()
    await rm(directory, { recursive: true, force: true })
  })

  test('is written by synth as the command line prints it', async () => {
    await run(process.execPath, [join(INFRA, 'main.ts')])
    for (const preset of Object.keys(PRESETS)) {
      const written = await readFile(join(repositoryRoot, 'infra/dist', preset, 'sender.k8s.yaml'), 'utf8')
      const printed = await print('--preset', preset, '--namespace', 'whatsapp')
      assert.equal(written, `${manifestOf([restrictedNamespace('whatsapp')])}${printed}`)
    }
  })

  for (const [preset, spec] of Object.entries(PRESETS)) {
    test(`of the preset ${preset} is applied as the command line prints it, whatever that is given, and kubectl sees no difference`, async (t) => {
      const namespace = await plane.createNamespace()
      await runOperator(t, { plane, namespace })
      await plane.apply([{ ...HEAD, metadata: { name: 'wa', namespace }, spec }])
      await until('applied', async () => (await inventory(namespace)).length > 0)
      const values = await file(`${preset}.values.yaml`, stringify({ sender: spec }))
      const printed = await print('--file', values, '--namespace', namespace)
      assert.equal(await print('--preset', preset, '--namespace', namespace), printed)
      const live = await plane.kubectl(['get', 'was', 'wa', '--namespace', namespace, '--output', 'yaml'])
      assert.equal(await print('--file', await file('live.yaml', live)), printed)

      const manifest = await file(`${preset}.yaml`, printed)
      const there = await itemsOf('get', '--filename', manifest)
      const printedToo = await itemsOf('apply', '--filename', manifest, ...AS_ANOTHER)
      assert.deepEqual(there.map(nameOf).sort(), await inventory(namespace))
      assert.deepEqual(there.map(nameOf), printedToo.map(nameOf))
      for (const [i, item] of printedToo.entries()) {
        const ours = fieldsOf(there[i] ?? item, 'whatsapp-operator')
        assert.deepEqual(rendered(ours), rendered(fieldsOf(item, 'another')), nameOf(item))
      }
      assert.equal(await plane.kubectl([...DIFF, manifest]), '')
    })
  }

  test('that differs is a difference that kubectl shows', async (t) => {
    const namespace = await plane.createNamespace()
    await runOperator(t, { plane, namespace })
    await plane.apply([{ ...HEAD, metadata: { name: 'wa', namespace }, spec: PRESETS.dev }])
    await until('applied', async () => (await inventory(namespace)).length > 0)
    const other = { sender: { ...PRESETS.dev, api: { ...PRESETS.dev.api, replicas: 4 } } }
    const printed = await print('--file', await file('other.yaml', stringify(other)), '--namespace', namespace)
    await assert.rejects(plane.kubectl([...DIFF, await file('other.k8s.yaml', printed)]), (error: unknown) => {
      assert.ok(error instanceof KubernetesToolError)
      assert.deepEqual(changesIn(error.stderr), ['-  replicas: 1', '+  replicas: 4'])
      return true
    })
  })

  async function print(...args: string[]): Promise<string> {
    return (await run(process.execPath, [join(INFRA, 'cli.ts'), 'render', ...args], { maxBuffer: 16_777_216 })).stdout
  }

  async function file(name: string, content: string): Promise<string> {
    const path = join(directory, name)
    await writeFile(path, content)
    return path
  }

  async function itemsOf(...args: string[]): Promise<readonly Item[]> {
    const answer = await plane.kubectl([...args, '--output=yaml', '--show-managed-fields'])
    return parseAllDocuments(answer).flatMap((document) => Applied.parse(document.toJS()).items)
  }

  async function inventory(namespace: string): Promise<readonly string[]> {
    const sender = await cluster.read({ ...HEAD, name: 'wa', namespace })
    const items: { kind: string; name: string }[] = Object(sender?.['status']).inventory ?? []
    return items.map(({ kind, name }) => `${kind} ${name}`).sort()
  }
})

/** Lines of a diff that are no head of a file, and no count of changes. */
function changesIn(diff: string): readonly string[] {
  return diff.split('\n').filter((line) => /^[+-](?!\+\+|--)/.test(line) && !line.includes(' generation: '))
}

function nameOf({ kind, metadata }: Item): string {
  return `${kind} ${metadata.name}`
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf({ metadata: { managedFields } }: Item, wanted: string): Fields {
  const entry = managedFields.find(({ manager, operation }) => manager === wanted && operation === 'Apply')
  return entry?.fieldsV1 ?? assert.fail(`nothing was applied by ${wanted}`)
}

/** What only the operator knows: whose an object is, and what the Secrets hold. */
const OWN = new Set([`f:${OWNER_LABEL}`, 'f:ownerReferences', 'f:whatsappsender.io/secrets'])
/** Without an entry the server does not keep them. */
const KEPT_FULL = new Set(['f:annotations', 'f:data'])

function rendered(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, below]) => {
      if (OWN.has(name)) return []
      const rest = rendered(z.record(z.string(), z.unknown()).parse(below))
      return Object.keys(rest).length === 0 && KEPT_FULL.has(name) ? [] : [[name, rest] as const]
    }),
  )
}
