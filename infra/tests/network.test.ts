import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { parseSenderSpec } from '../src/parse-sender.ts'
import { senderSpecs } from './specs.ts'
import { only, podTemplates, rendered } from './support.ts'

const Peer = z.strictObject({
  podSelector: z.object({ matchLabels: z.record(z.string(), z.string()) }).optional(),
  namespaceSelector: z.object({ matchLabels: z.record(z.string(), z.string()).default({}) }).optional(),
  ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
})
const Port = z.object({ port: z.number(), protocol: z.string() })
const Policy = z.object({
  podSelector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }),
  policyTypes: z.array(z.string()),
  ingress: z.array(z.object({ from: z.array(Peer), ports: z.array(Port) })).default([]),
  egress: z.array(z.object({ to: z.array(Peer), ports: z.array(Port) })).default([]),
})

type Labels = Readonly<Record<string, string>>

function policiesOf(spec: Parameters<typeof rendered>[0]) {
  const objects = rendered(spec)
  const policies = only(objects, 'NetworkPolicy').map((each) => Policy.parse(each['spec']))
  const policyOf = (labels: Labels) =>
    policies.filter(
      ({ podSelector }) =>
        'app.kubernetes.io/component' in podSelector.matchLabels && matches(podSelector.matchLabels, labels),
    )
  return { objects, policies, policyOf, pods: podTemplates(objects) }
}

test('every pod is closed both ways but for a policy of its own', () => {
  fc.assert(
    fc.property(senderSpecs, (spec) => {
      const { policies, policyOf, pods } = policiesOf(spec)
      const deny = policies.find(({ ingress, egress }) => ingress.length === 0 && egress.length === 0)
      assert.ok(deny)
      for (const { workload, metadata } of pods) {
        assert.ok(matches(deny.podSelector.matchLabels, metadata.labels), workload)
        assert.equal(policyOf(metadata.labels).length, 1, workload)
      }
      for (const { policyTypes } of policies) assert.deepEqual(policyTypes, ['Ingress', 'Egress'])
    }),
    { numRuns: 40 },
  )
})

test('what one of our pods may call lets it in, on a port that it listens on', () => {
  fc.assert(
    fc.property(senderSpecs, (spec) => {
      const { policyOf, pods } = policiesOf(spec)
      for (const { caller, callee, port } of callsBetween(pods, policyOf)) {
        const what = `${caller.workload} → ${callee.workload}:${port}`
        const listens = callee.spec.containers.flatMap(({ ports }) => ports.map(({ containerPort }) => containerPort))
        assert.ok(listens.includes(port), what)
        const open = policyOf(callee.metadata.labels).flatMap(({ ingress }) => ingress)
        const here = open.filter(({ ports }) => ports.some((each) => each.port === port))
        assert.ok(
          here.some(({ from }) => from.some((peer) => isFrom(peer, caller.metadata.labels))),
          what,
        )
      }
    }),
    { numRuns: 40 },
  )
})

type Pods = ReturnType<typeof podTemplates>

function callsBetween(pods: Pods, policyOf: ReturnType<typeof policiesOf>['policyOf']) {
  return pods.flatMap((caller) =>
    policyOf(caller.metadata.labels)
      .flatMap(({ egress }) => egress)
      .flatMap(({ to, ports }) =>
        pods
          .filter(({ metadata }) => to.some((peer) => isFrom(peer, metadata.labels)))
          .flatMap((callee) => ports.map(({ port }) => ({ caller, callee, port }))),
      ),
  )
}

test('what users name is reached on https only, and never in a private network', () => {
  fc.assert(
    fc.property(senderSpecs, (spec) => {
      const { privateCidrs } = parseSenderSpec(spec).networkPolicy
      const { policies } = policiesOf(spec)
      const open = policies
        .flatMap(({ egress }) => egress)
        .filter(({ to }) => to.some(({ ipBlock }) => ipBlock?.except.length))
      for (const { to } of open) {
        const except = to.flatMap(({ ipBlock }) => ipBlock?.except ?? [])
        assert.deepEqual([...except].sort(), [...privateCidrs].sort())
      }
    }),
    { numRuns: 20 },
  )
})

function isFrom({ podSelector, namespaceSelector }: z.infer<typeof Peer>, labels: Labels): boolean {
  return namespaceSelector === undefined && podSelector !== undefined && matches(podSelector.matchLabels, labels)
}

function matches(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}
