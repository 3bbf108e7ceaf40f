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
  const all = [...policies, ...brokerPolicies(objects)]
  const policyOf = (labels: Labels) =>
    all.filter(({ podSelector }) => !('matchExpressions' in podSelector) && matches(podSelector.matchLabels, labels))
  const ours = podTemplates(objects).map(({ workload, metadata, spec: { containers } }) => ({
    workload,
    labels: metadata.labels,
    ports: containers.flatMap(({ ports }) => ports.map(({ containerPort }) => containerPort)),
  }))
  return { policies, policyOf, ours, pods: [...ours, ...podsOfOthers(objects)] }
}

/** Labels and ports as their operators give them to pods. */
function podsOfOthers(objects: ReturnType<typeof rendered>) {
  const members = only(objects, 'MongoDBCommunity').map(({ metadata: { name } }) => ({
    workload: `MongoDBCommunity/${name}`,
    labels: { app: `${name}-svc` },
    ports: [27_017],
  }))
  const brokers = only(objects, 'Kafka').map(({ metadata: { name } }) => ({
    workload: `Kafka/${name}`,
    labels: { 'strimzi.io/cluster': name, 'strimzi.io/name': `${name}-kafka`, 'strimzi.io/kind': 'Kafka' },
    ports: [9093],
  }))
  return [...members, ...brokers]
}

/** As Strimzi makes one of each listener: it says who may come in, and nothing of the way out. */
function brokerPolicies(objects: ReturnType<typeof rendered>): readonly z.infer<typeof Policy>[] {
  return only(objects, 'Kafka').map(({ metadata: { name }, spec }) => ({
    podSelector: { matchLabels: { 'strimzi.io/cluster': name, 'strimzi.io/name': `${name}-kafka` } },
    policyTypes: ['Ingress'],
    ingress: Kafka.parse(spec).kafka.listeners.map(({ port, networkPolicyPeers }) => ({
      from: networkPolicyPeers,
      ports: [{ port, protocol: 'TCP' }],
    })),
    egress: [],
  }))
}

const Kafka = z.object({
  kafka: z.object({ listeners: z.array(z.object({ port: z.number(), networkPolicyPeers: z.array(Peer) })) }),
})

test('every pod is closed both ways but for a policy of its own', () => {
  fc.assert(
    fc.property(senderSpecs, (spec) => {
      const { policies, policyOf, ours, pods } = policiesOf(spec)
      const deny = policies.find(({ ingress, egress }) => ingress.length === 0 && egress.length === 0)
      assert.ok(deny)
      for (const { workload, labels } of ours) assert.ok(matches(deny.podSelector.matchLabels, labels), workload)
      for (const { workload, labels } of pods) assert.equal(policyOf(labels).length, 1, workload)
      for (const { policyTypes } of policies) assert.deepEqual(policyTypes, ['Ingress', 'Egress'])
    }),
    { numRuns: 40 },
  )
})

test('what a pod may call lets it in, on a port that it listens on: ours, those of MongoDB and those of Kafka', () => {
  fc.assert(
    fc.property(senderSpecs, (spec) => {
      const { policyOf, pods } = policiesOf(spec)
      for (const { caller, callee, port } of callsBetween(pods, policyOf)) {
        const what = `${caller.workload} → ${callee.workload}:${port}`
        assert.ok(callee.ports.includes(port), what)
        const open = policyOf(callee.labels).flatMap(({ ingress }) => ingress)
        const here = open.filter(({ ports }) => ports.some((each) => each.port === port))
        assert.ok(
          here.some(({ from }) => from.some((peer) => isFrom(peer, caller.labels))),
          what,
        )
      }
    }),
    { numRuns: 40 },
  )
})

type Pods = ReturnType<typeof policiesOf>['pods']

function callsBetween(pods: Pods, policyOf: ReturnType<typeof policiesOf>['policyOf']) {
  return pods.flatMap((caller) =>
    policyOf(caller.labels)
      .flatMap(({ egress }) => egress)
      .flatMap(({ to, ports }) =>
        pods
          .filter(({ labels }) => to.some((peer) => isFrom(peer, labels)))
          .flatMap((callee) => ports.map(({ port }) => ({ caller, callee, port }))),
      ),
  )
}

test('what an edge lets in to the pods of others may go out to them: nothing is declared from one side only', () => {
  fc.assert(
    fc.property(senderSpecs, (spec) => {
      const { policyOf, pods } = policiesOf(spec)
      const calls = new Set(
        callsBetween(pods, policyOf).map(({ caller, callee }) => `${caller.workload} ${callee.workload}`),
      )
      for (const callee of podsOfOthers(rendered(spec))) {
        const peers = policyOf(callee.labels).flatMap(({ ingress }) => ingress.flatMap(({ from }) => from))
        for (const caller of pods.filter(({ labels }) => peers.some((peer) => isFrom(peer, labels)))) {
          assert.ok(calls.has(`${caller.workload} ${callee.workload}`), `${caller.workload} → ${callee.workload}`)
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('members of a managed MongoDB reach each other, DNS and the API server; API and consumers reach them, nobody else', () => {
  const { policyOf, pods } = policiesOf({ evolution: { mode: 'managed' } })
  const members = pods.find(({ workload }) => workload === 'MongoDBCommunity/wa-mongodb')
  assert.ok(members)
  const [policy] = policyOf(members.labels)
  const callers = pods.filter(({ labels }) =>
    policy?.ingress.some(({ from }) => from.some((peer) => isFrom(peer, labels))),
  )
  assert.deepEqual(callers.map(({ workload }) => workload).sort(), [
    'Deployment/wa-api',
    'Deployment/wa-consumer',
    'MongoDBCommunity/wa-mongodb',
  ])
  assert.ok(policy?.ingress.every(({ from }) => from.every(({ podSelector }) => podSelector !== undefined)))
  const ports = policy?.egress.flatMap((edge) => edge.ports.map(({ port, protocol }) => `${protocol} ${port}`))
  assert.deepEqual(ports, ['TCP 27017', 'UDP 53', 'TCP 53', 'TCP 443', 'TCP 6443'])
})

test('KEDA is let in where it asks for the lag, and nobody is kept out of Kafka where no policies are wanted', () => {
  const listeners = (spec: Omit<Parameters<typeof rendered>[0], 'evolution'>) =>
    only(rendered({ ...spec, evolution: { mode: 'sandbox' } }), 'Kafka').map((kafka) => JSON.stringify(kafka['spec']))
  const [keda = ''] = listeners({
    consumer: { autoscaling: { type: 'keda', kedaNamespaceLabels: { team: 'scaling' } } },
  })
  assert.match(keda, /"networkPolicyPeers":\[.*\{"namespaceSelector":\{"matchLabels":\{"team":"scaling"\}\}\}\]/)
  const [open = ''] = listeners({ networkPolicy: { enabled: false } })
  assert.doesNotMatch(open, /networkPolicyPeers/)
})

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
