import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { z } from 'zod'
import { crds } from '../../infra/src/schema/crds.ts'
import { SchemaShape } from '../../infra/src/schema/structural-schema.ts'
import { WhatsAppInstanceSpec } from '../../infra/src/spec/instance-spec.ts'
import { WhatsAppSenderSpec } from '../../infra/src/spec/sender-spec.ts'
import { REFUSED_INSTANCES, REFUSED_SENDERS } from '../../infra/tests/refused.ts'
import { rulesOf } from '../../infra/tests/rules-of.ts'
import type { Cluster } from '../../services/operator/src/kubernetes/cluster.ts'
import { KubernetesError } from '../../services/operator/src/kubernetes/kubernetes-error.ts'
import { openCluster } from '../../services/operator/tests/support/operator-cluster.ts'
import { type ControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'

const API_VERSION = 'whatsappsender.io/v1alpha1'
const NAME_MESSAGE = 'metadata.name must be at most 40 lower case letters, digits and "-", beginning with a letter'
/** Refused, and nearly the same that is taken. */
const NAMES = [
  ['a'.repeat(41), 'a'.repeat(40)],
  ['1st', 'first'],
] as const
const KINDS = [
  { kind: 'WhatsAppSender', rows: REFUSED_SENDERS, withDefaults: (spec: unknown) => WhatsAppSenderSpec.parse(spec) },
  {
    kind: 'WhatsAppInstance',
    rows: REFUSED_INSTANCES,
    withDefaults: (spec: unknown) => WhatsAppInstanceSpec.parse(spec),
  },
]

const Definition = z.looseObject({
  spec: z.looseObject({
    names: z.looseObject({ kind: z.string() }),
    versions: z.array(z.looseObject({ schema: z.looseObject({ openAPIV3Schema: SchemaShape }) })),
  }),
  status: z.looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })) }).optional(),
})

suite('the definitions of our resources', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  let namespace: string
  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    await plane.define(crds())
    namespace = await plane.createNamespace()
  })
  after(() => cluster.close())

  test('are taken, served, and structural', async () => {
    for (const { metadata } of crds()) {
      const definition = await cluster.read({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        name: metadata.name,
      })
      const conditions = Definition.parse(definition).status?.conditions ?? []
      const isTrue = conditions.filter(({ status }) => status === 'True').map(({ type }) => type)
      assert.deepEqual(isTrue.sort(), ['Established', 'NamesAccepted'], metadata.name)
    }
  })

  for (const { kind, rows, withDefaults } of KINDS) {
    const put = (name: string, spec: object, dryRun: boolean) =>
      cluster.apply({ apiVersion: API_VERSION, kind, metadata: { name, namespace }, spec }, { force: true, dryRun })

    for (const [i, { field, message, spec, good, isChange }] of rows.entries()) {
      test(`a ${kind} is refused at spec.${field}: ${message}`, async () => {
        const name = `row-${i}`
        const taken = await put(name, good, !isChange)
        assert.deepEqual(taken['spec'], JSON.parse(JSON.stringify(withDefaults(good))), 'defaults as zod has them')
        await assert.rejects(put(name, spec, false), refusal(`spec.${field}`, message))
      })
    }

    for (const [name, nearly] of NAMES) {
      test(`a ${kind} is refused by the name ${name}`, async () => {
        const { good } = rows[0] ?? assert.fail('no rows')
        await put(nearly, good, true)
        await assert.rejects(put(name, good, true), refusal('<nil>', NAME_MESSAGE))
      })
    }

    test(`each rule of a ${kind} has a resource that it refuses`, () => {
      const definition = crds()
        .map((crd) => Definition.parse(crd))
        .find(({ spec: { names } }) => names.kind === kind)
      const rules = definition?.spec.versions.flatMap(({ schema }) => rulesOf(schema.openAPIV3Schema)) ?? []
      const tried = rows.map(({ field, message }) => `spec.${field}: ${message}`)
      assert.deepEqual([...rules].sort(), [...tried, `: ${NAME_MESSAGE}`].sort())
    })
  }
})

/** One cause, and it is this. */
function refusal(field: string, message: string) {
  return (error: unknown) => {
    assert.ok(error instanceof KubernetesError)
    const { status, details } = error
    const causes = (details.causes ?? []).map((cause) => [cause.field, cause.message])
    assert.deepEqual([status, causes.map(([at]) => at)], [422, [field]], error.message)
    assert.ok(causes[0]?.[1]?.endsWith(message), `${causes[0]?.[1]} does not end with: ${message}`)
    return true
  }
}
