import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { InvalidResourceError, parseSenderSpec } from '../src/parse-sender.ts'
import { PRESETS, type SenderSpecInput } from '../src/presets.ts'
import { requiredSecrets } from '../src/secret-files.ts'
import { NAME, only, podTemplates, rendered } from './support.ts'

const TRACING = {
  endpoint: 'https://otlp.example.com:4318/eu',
  samplingRatio: 0.0001,
  headersSecretRef: { name: 'traces', key: 'headers' },
}

test('API and consumer are told of the collector, each under a name of its own, and its key is in a file', () => {
  const objects = rendered({ ...PRESETS.prod, tracing: TRACING })
  for (const component of ['api', 'consumer']) {
    const env = environmentOf(objects, component)
    assert.deepEqual(Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('OTEL_'))), {
      OTEL_EXPORTER_OTLP_ENDPOINT: TRACING.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS_FILE: '/etc/whatsapp-sender/secrets/OTEL_EXPORTER_OTLP_HEADERS',
      OTEL_SERVICE_NAME: `${NAME}-${component}`,
      OTEL_TRACES_SAMPLER_ARG: '0.0001',
    })
  }
  const spec = parseSenderSpec({ ...PRESETS.prod, tracing: TRACING })
  assert.deepEqual(
    requiredSecrets({ name: NAME, spec }).find(({ name }) => name === 'traces'),
    { name: 'traces', keys: ['headers'], isGenerated: false },
  )
})

test('a ratio is written as the services read it: without an exponent, and without noughts at its end', () => {
  for (const [samplingRatio, written] of [
    [0, '0'],
    [1, '1'],
    [0.05, '0.05'],
    [0.000001, '0.000001'],
  ] as const) {
    const objects = rendered({ ...PRESETS.prod, tracing: { ...TRACING, samplingRatio } })
    assert.equal(environmentOf(objects, 'api')['OTEL_TRACES_SAMPLER_ARG'], written)
  }
})

test('the way to the collector is open on its port, to its namespace or, where that is not known, to any place', () => {
  assert.deepEqual(waysOn(4318, { tracing: TRACING }), [{ namespaceSelector: {} }, ...ANYWHERE])
  const collectorNamespaceLabels = { role: 'monitoring' }
  assert.deepEqual(waysOn(4318, { tracing: TRACING, networkPolicy: { collectorNamespaceLabels } }), [
    { namespaceSelector: { matchLabels: collectorNamespaceLabels } },
  ])
  assert.deepEqual(waysOn(80, { tracing: { endpoint: 'http://collector' } }), [{ namespaceSelector: {} }, ...ANYWHERE])
})

test('without tracing there is neither a variable nor a way', () => {
  const objects = rendered(PRESETS.prod)
  for (const component of ['api', 'consumer']) {
    assert.deepEqual(
      Object.keys(environmentOf(objects, component)).filter((name) => name.startsWith('OTEL_')),
      [],
    )
  }
  assert.deepEqual(waysOn(4318, {}), [])
})

test('an address that the services would refuse is refused here', () => {
  for (const endpoint of [
    'collector:4318',
    'http://user:key@collector:4318',
    'http://collector:4318/?key=x',
    'grpc://c',
  ]) {
    assert.throws(
      () => parseSenderSpec({ ...PRESETS.prod, tracing: { endpoint } }),
      (error) => error instanceof InvalidResourceError,
      endpoint,
    )
  }
})

const ANYWHERE = [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }]

function environmentOf(objects: ReturnType<typeof rendered>, component: string): Record<string, string> {
  const pod = podTemplates(objects).find(({ workload }) => workload === `Deployment/${NAME}-${component}`)
  const env = pod?.spec.containers.flatMap((container) => container.env) ?? []
  return Object.fromEntries(env.map(({ name, value = '' }) => [name, value]))
}

const Policy = z.object({
  egress: z.array(z.object({ to: z.array(z.unknown()), ports: z.array(z.object({ port: z.number() })) })).default([]),
})

/** Where the API may go to on this port. */
function waysOn(port: number, spec: Partial<SenderSpecInput>): unknown[] {
  const objects = rendered({ ...PRESETS.prod, ...spec })
  const policy = only(objects, 'NetworkPolicy').find(({ metadata }) => metadata.name === `${NAME}-api`)
  return Policy.parse(policy?.['spec'])
    .egress.filter(({ ports }) => ports.some((each) => each.port === port))
    .flatMap(({ to }) => to)
}
