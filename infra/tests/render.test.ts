import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import type { KubernetesObject } from '../src/kubernetes-object.ts'
import { parseSenderSpec } from '../src/parse-sender.ts'
import { PRESETS } from '../src/presets.ts'
import { render } from '../src/render.ts'
import { requiredSecrets } from '../src/secret-files.ts'
import { senderSpecs } from './specs.ts'
import { foreignSchemas, NAME, NAMESPACE, only, podTemplates, rendered } from './support.ts'

const RUNS = { numRuns: 60 }

function always(check: (objects: readonly KubernetesObject[], spec: ReturnType<typeof parseSenderSpec>) => void): void {
  fc.assert(
    fc.property(senderSpecs, (spec) => check(rendered(spec), parseSenderSpec(spec))),
    RUNS,
  )
}

test('the same specification gives the same objects, each name once, all in its namespace', () => {
  fc.assert(
    fc.property(senderSpecs, (spec) => {
      const objects = rendered(spec)
      assert.deepEqual(objects, rendered(spec))
      const names = objects.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`)
      assert.equal(new Set(names).size, names.length, names.join('\n'))
      for (const { metadata } of objects) assert.equal(metadata.namespace, NAMESPACE)
    }),
    RUNS,
  )
})

test('every pod keeps to what the restricted Pod Security Standard asks for, and to more', () => {
  always((objects) => {
    for (const { workload, spec } of podTemplates(objects)) {
      assert.equal(spec.automountServiceAccountToken, false, workload)
      assert.equal(spec.enableServiceLinks, false, workload)
      for (const [key, value] of Object.entries({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })) {
        assert.deepEqual(spec.securityContext?.[key], value, `${workload} ${key}`)
      }
      const { runAsUser } = z.object({ runAsUser: z.number() }).parse(spec.securityContext)
      assert.ok(runAsUser > 0, workload)
      for (const host of ['hostNetwork', 'hostPID', 'hostIPC']) assert.equal(spec[host], undefined, workload)
      for (const container of spec.containers) {
        assert.deepEqual(
          container.securityContext,
          {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            capabilities: { drop: ['ALL'] },
          },
          workload,
        )
      }
    }
  })
})

test('every container has an image with a version, bounds, and three probes unless it runs to an end', () => {
  always((objects) => {
    for (const { workload, spec } of podTemplates(objects)) {
      for (const { image, resources, livenessProbe, readinessProbe, startupProbe } of spec.containers) {
        assert.match(image, /(:[\w.-]+|@sha256:[0-9a-f]{64})$/, workload)
        assert.doesNotMatch(image, /:latest$/, workload)
        for (const amount of ['cpu', 'memory', 'ephemeral-storage']) assert.ok(resources.requests[amount], workload)
        for (const amount of ['memory', 'ephemeral-storage']) assert.ok(resources.limits[amount], workload)
        if (workload.startsWith('Job/')) continue
        assert.ok(livenessProbe && readinessProbe && startupProbe, workload)
      }
    }
  })
})

test('no secret stands in a variable, an annotation or a ConfigMap: ours are read from files', () => {
  always((objects) => {
    const ours = podTemplates(objects).filter(({ workload }) => !workload.includes('evolution'))
    const variables = ours.flatMap(({ workload, spec }) =>
      spec.containers.flatMap(({ env }) => env.map((each) => ({ workload, ...each }))),
    )
    for (const { workload, name, value, valueFrom } of variables) {
      assert.equal(valueFrom, undefined, `${workload} ${name}`)
      if (!/(SECRET|PASSWORD|TOKEN|API_KEY|mongo_connection|SMTP_URL)/.test(name)) continue
      assert.match(`${name}=${value}`, /_FILE=\/etc\/whatsapp-sender\/secrets\//, `${workload} ${name}`)
    }
    assert.equal(only(objects, 'Secret').length, 0)
  })
})

test('every Secret that is read is made by somebody, or is asked of the user', () => {
  always((objects, spec) => {
    const asked = requiredSecrets({ name: NAME, spec }).map(({ name }) => name)
    const byStrimzi = [...only(objects, 'Kafka').map(({ metadata }) => `${metadata.name}-cluster-ca-cert`)]
    const users = only(objects, 'KafkaUser').map(({ metadata }) => metadata.name)
    const byMongodb = only(objects, 'MongoDBCommunity').map(() => `${NAME}-mongodb-connection`)
    const known = new Set([...asked, ...byStrimzi, ...users, ...byMongodb])
    for (const { workload, spec: pod } of podTemplates(objects)) {
      for (const { projected } of pod.volumes) {
        for (const { secret } of projected?.sources ?? [])
          assert.ok(known.has(secret.name), `${workload} ${secret.name}`)
      }
    }
  })
})

test('every ServiceAccount, ConfigMap, volume, port and selector that is named exists', () => {
  always((objects) => {
    const pods = podTemplates(objects)
    const accounts = new Set(only(objects, 'ServiceAccount').map(({ metadata }) => metadata.name))
    const configMaps = new Set(only(objects, 'ConfigMap').map(({ metadata }) => metadata.name))
    for (const { workload, spec } of pods) {
      assert.ok(accounts.has(spec.serviceAccountName), workload)
      const claims = objects
        .filter(({ kind, metadata }) => `${kind}/${metadata.name}` === workload && kind === 'StatefulSet')
        .flatMap(({ spec: set }) => Claims.parse(set).volumeClaimTemplates.map(({ metadata }) => metadata.name))
      const volumes = new Set([...spec.volumes.map(({ name }) => name), ...claims])
      for (const { volumeMounts, envFrom } of spec.containers) {
        for (const { name } of volumeMounts) assert.ok(volumes.has(name), `${workload} ${name}`)
        for (const { configMapRef } of envFrom) assert.ok(configMaps.has(configMapRef.name), workload)
      }
    }
    for (const service of only(objects, 'Service')) {
      const { selector, ports } = Service.parse(service['spec'])
      const selected = pods.filter(({ metadata }) => matches(selector, metadata.labels))
      assert.equal(selected.length, 1, service.metadata.name)
      const names = selected.flatMap(({ spec }) =>
        spec.containers.flatMap((each) => each.ports.map(({ name }) => name)),
      )
      for (const { targetPort } of ports)
        assert.ok(names.includes(targetPort), `${service.metadata.name} ${targetPort}`)
    }
  })
})

const Claims = z.object({ volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })
const Service = z.object({
  selector: z.record(z.string(), z.string()),
  ports: z.array(z.object({ targetPort: z.string(), port: z.number() })),
})

test('a pod is given longer to end than its process takes to drain', () => {
  always((objects, { consumer }) => {
    for (const { workload, spec } of podTemplates(objects)) {
      if (workload !== `Deployment/${NAME}-consumer`) continue
      assert.ok(spec.terminationGracePeriodSeconds * 1000 >= consumer.drainTimeoutMs + 15_000, workload)
    }
  })
})

test('with an autoscaler nobody else decides how many consumers run', () => {
  always((objects, { suspend, consumer }) => {
    const deployment = only(objects, 'Deployment').find(({ metadata }) => metadata.name === `${NAME}-consumer`)
    const { replicas } = z.looseObject({ replicas: z.number().optional() }).parse(deployment?.['spec'])
    const scalers = [...only(objects, 'HorizontalPodAutoscaler'), ...only(objects, 'ScaledObject')]
    assert.equal(scalers.length, !suspend && consumer.autoscaling.type !== 'none' ? 1 : 0)
    assert.equal(replicas === undefined, scalers.length === 1)
    if (suspend) assert.equal(replicas, 0)
  })
})

test("objects of other operators keep to those operators' own schemas", () => {
  const schemas = foreignSchemas()
  const seen = new Set<string>()
  always((objects) => {
    for (const object of objects) {
      const name = `${object.apiVersion}/${object.kind}`
      const validate = schemas.get(name)
      if (validate === undefined) continue
      seen.add(name)
      assert.ok(validate(object), `${name} ${object.metadata.name}: ${JSON.stringify(validate.errors)}`)
    }
  })
  for (const kind of ['Kafka', 'KafkaNodePool', 'KafkaTopic', 'KafkaUser'])
    assert.ok(seen.has(`kafka.strimzi.io/v1/${kind}`))
  for (const name of ['keda.sh/v1alpha1/ScaledObject', 'mongodbcommunity.mongodb.com/v1/MongoDBCommunity']) {
    assert.ok(seen.has(name), name)
  }
})

test('a rendering takes less than 50 ms, at the median of 50', () => {
  const sender = { name: NAME, namespace: NAMESPACE, spec: parseSenderSpec(PRESETS.prod) }
  const times = Array.from({ length: 50 }, () => {
    const startedAt = process.cpuUsage()
    render(sender)
    const { user, system } = process.cpuUsage(startedAt)
    return (user + system) / 1000
  }).sort((a, b) => a - b)
  assert.ok((times[25] ?? Number.POSITIVE_INFINITY) < 50, `${times[25]} ms`)
})

function matches(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}
