import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
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

test('pods are replaced when a value of a Secret changes that they read, as a file or in a variable, and no others', () => {
  fc.assert(
    fc.property(senderSpecs, (spec) => {
      const sender = { name: NAME, namespace: NAMESPACE, spec: parseSenderSpec(spec) }
      const pods = podTemplates(render(sender)).filter(({ workload }) => workload.startsWith('Deployment/'))
      for (const changed of new Set(pods.flatMap(valuesReadBy))) {
        const given = (content: string) =>
          podTemplates(
            render(sender, {
              digestOf: (values) => values.map((value) => (nameOf(value) === changed ? content : 'same')).join(),
            }),
          )
        const [before, after] = [given('one'), given('other')]
        const replaced = before.filter(({ metadata }, at) => !isDeepStrictEqual(metadata, after[at]?.metadata))
        const reading = pods.filter((pod) => valuesReadBy(pod).includes(changed))
        assert.deepEqual(
          replaced.map(({ workload }) => workload),
          reading.map(({ workload }) => workload),
          changed,
        )
      }
    }),
    { numRuns: 20 },
  )
})

test('the sandbox, which forgets its instances with its pod, is not replaced for a key that it does not read', () => {
  const sender = { name: NAME, namespace: NAMESPACE, spec: parseSenderSpec({ evolution: { mode: 'sandbox' } }) }
  const sandbox = podTemplates(render(sender)).find(({ workload }) => workload === `Deployment/${NAME}-sandbox`)
  assert.deepEqual(sandbox && valuesReadBy(sandbox), [`${NAME}-evolution/AUTHENTICATION_API_KEY`])
})

test('of the authorities of a managed Kafka the whole Secret is read, for it has two while one replaces the other', () => {
  const pods = podTemplates(rendered({ evolution: { mode: 'managed' } }))
  const readers = pods.filter((pod) => valuesReadBy(pod).includes(`${NAME}-cluster-ca-cert/`))
  assert.deepEqual(readers.map(({ workload }) => workload).sort(), [
    `Deployment/${NAME}-api`,
    `Deployment/${NAME}-consumer`,
  ])
  for (const { spec } of readers) {
    const { env, volumeMounts } = spec.containers[0] ?? { env: [], volumeMounts: [] }
    const path = env.find(({ name }) => name === 'KAFKA_SSL_CA')?.value
    assert.ok(volumeMounts.some(({ name, mountPath }) => name === 'kafka-ssl-ca' && mountPath === path))
  }
})

test('a managed MongoDB with TLS takes its Secrets, and its clients trust the same authorities', () => {
  const given = (tls: Readonly<{ secretName: string; caSecretName?: string }>) => {
    const spec = { evolution: { mode: 'sandbox' as const }, mongodb: { managed: { tls } } }
    const objects = rendered(spec)
    const readers = podTemplates(objects).filter(({ spec: { containers } }) =>
      containers.some(({ env }) => env.some(({ name }) => name === 'MONGO_TLS_CA_FILE')),
    )
    const { security } = Secured.parse(only(objects, 'MongoDBCommunity')[0]?.['spec'])
    const required = requiredSecrets({ name: NAME, spec: parseSenderSpec(spec) })
    return {
      ...security.tls,
      read: readers.map((pod) => [pod.workload, valuesReadBy(pod).filter((value) => value.endsWith('/ca.crt'))]),
      required: required.flatMap(({ name, keys }) => (name.startsWith('db-') ? [[name, ...keys]] : [])),
    }
  }
  const readBoth = (value: string) => ['api', 'consumer'].map((name) => [`Deployment/${NAME}-${name}`, [value]])
  assert.deepEqual(given({ secretName: 'db-tls' }), {
    enabled: true,
    certificateKeySecretRef: { name: 'db-tls' },
    caCertificateSecretRef: { name: 'db-tls' },
    read: readBoth('db-tls/ca.crt'),
    required: [
      ['db-tls', 'tls.crt', 'tls.key'],
      ['db-tls', 'ca.crt'],
    ],
  })
  const apart = given({ secretName: 'db-tls', caSecretName: 'db-ca' })
  assert.deepEqual([apart.caCertificateSecretRef, apart.read], [{ name: 'db-ca' }, readBoth('db-ca/ca.crt')])
})

const Secured = z.object({
  security: z.object({
    tls: z.object({ enabled: z.boolean(), certificateKeySecretRef: z.unknown(), caCertificateSecretRef: z.unknown() }),
  }),
})

/** The database of a managed Evolution API is not among them: a new pod would take no other password. */
function valuesReadBy({ spec }: ReturnType<typeof podTemplates>[number]): readonly string[] {
  const files = spec.volumes.flatMap(({ projected }) =>
    (projected?.sources ?? []).flatMap(({ secret }) => Files.parse(secret)),
  )
  const variables = spec.containers.flatMap(({ env }) => env.flatMap(({ valueFrom }) => Variable.parse(valueFrom)))
  return [...files, ...variables].map(nameOf)
}

function nameOf({ secret, key = '' }: Readonly<{ secret: string; key?: string }>): string {
  return `${secret}/${key}`
}

const Files = z
  .object({ name: z.string(), items: z.array(z.looseObject({ key: z.string() })).default([{ key: '' }]) })
  .transform(({ name, items }) => items.map(({ key }) => ({ secret: name, key })))

const Variable = z
  .object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) })
  .optional()
  .transform((from) => (from === undefined ? [] : [{ secret: from.secretKeyRef.name, key: from.secretKeyRef.key }]))

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
  ports: z.array(z.object({ name: z.string(), targetPort: z.string(), port: z.number() })),
})

test('a Job whose pods would be others has another name, for none can be changed', () => {
  const bootstrapServers = ['kafka.example.com:9092']
  const jobOf = (spec: Parameters<typeof rendered>[0]) => {
    const [job] = only(
      rendered({ ...spec, kafka: { mode: 'external', external: { bootstrapServers, createTopics: true } } }),
      'Job',
    )
    return { name: job?.metadata.name, ...Templated.parse(job?.['spec']) }
  }
  fc.assert(
    fc.property(senderSpecs, senderSpecs, (one, other) => {
      const [first, second] = [jobOf(one), jobOf(other)]
      assert.equal(first.name === second.name, isDeepStrictEqual(first.template, second.template))
    }),
    RUNS,
  )
})

const Templated = z.object({ template: z.unknown() })

test('every pod says of what it is a part, which part, and of which version', () => {
  const labels = ['name', 'instance', 'component', 'part-of', 'managed-by', 'version']
  always((objects) => {
    for (const { workload, metadata } of podTemplates(objects)) {
      for (const label of labels) assert.ok(metadata.labels[`app.kubernetes.io/${label}`], `${workload} ${label}`)
    }
  })
})

test('a pod is given longer to end than its process takes to drain', () => {
  always((objects, { consumer }) => {
    for (const { workload, spec } of podTemplates(objects)) {
      if (workload !== `Deployment/${NAME}-consumer`) continue
      assert.ok(spec.terminationGracePeriodSeconds * 1000 >= consumer.drainTimeoutMs + 15_000, workload)
    }
  })
})

test('the API is given time for its load balancers, for its clients and for its answers before it is killed', () => {
  always((objects) => {
    const api = podTemplates(objects).find(({ workload }) => workload === `Deployment/${NAME}-api`)
    const [{ env, lifecycle } = { env: [], lifecycle: undefined }] = api?.spec.containers ?? []
    const [, , script = ''] = PreStop.parse(lifecycle).preStop.exec.command
    const preStopMs = Number(/setTimeout\(\(\) => \{\}, (\d+)\)/.exec(script)?.[1])
    const stopDelayMs = Number(env.find(({ name }) => name === 'STOP_DELAY_MS')?.value)
    assert.ok(preStopMs >= 5000 && stopDelayMs >= 5000, `${preStopMs} ${stopDelayMs}`)
    assert.ok((api?.spec.terminationGracePeriodSeconds ?? 0) * 1000 >= preStopMs + stopDelayMs + 30_000)
  })
})

const PreStop = z.object({ preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }) })

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

test('one canary runs from the image of the API, is scraped, reaches the API and nothing else, and rests while consumers do', () => {
  const canary = { instance: 'canary', recipient: '+5511999991000', apiKeySecretRef: { name: 'canary-key' } }
  const of = (spec: object) => rendered({ ...PRESETS.prod, canary, ...spec })
  const [pod] = podTemplates(of({})).filter(({ workload }) => workload === `Deployment/${NAME}-canary`)
  const api = podTemplates(of({})).find(({ workload }) => workload === `Deployment/${NAME}-api`)
  const [container] = pod?.spec.containers ?? []
  assert.equal(container?.image, api?.spec.containers[0]?.image)
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]))
  assert.deepEqual(
    [env['API_URL'], env['API_KEY_FILE'], env['CANARY_UNTIL'], env['JWT_SECRET_FILE']],
    [`http://${NAME}-api`, '/etc/whatsapp-sender/secrets/API_KEY', 'delivered', undefined],
  )
  const Edges = z.looseObject({
    egress: z.array(z.object({ to: z.array(z.looseObject({})), ports: z.array(z.looseObject({ port: z.number() })) })),
  })
  const policy = only(of({}), 'NetworkPolicy').find(({ metadata }) => metadata.name === `${NAME}-canary`)
  const ports = Edges.parse(policy?.['spec']).egress.flatMap((edge) => edge.ports.map(({ port }) => port))
  assert.deepEqual(
    [...new Set(ports)].sort((a, b) => a - b),
    [53, 8000],
  )
  const monitors = only(of({ monitoring: { monitors: true } }), 'PodMonitor')
  assert.ok(monitors.some(({ metadata }) => metadata.name === `${NAME}-canary`))
  const Replicas = z.looseObject({ replicas: z.number() })
  for (const suspend of [true, false]) {
    const found = only(of({ suspend }), 'Deployment').find(({ metadata }) => metadata.name === `${NAME}-canary`)
    assert.equal(Replicas.parse(found?.['spec']).replicas, suspend ? 0 : 1)
  }
  assert.ok(!rendered(PRESETS.prod).some(({ metadata }) => metadata.name.endsWith('-canary')))
})

test('every process of ours is found by one monitor, which leaves its metrics their own labels', () => {
  always((objects, { monitoring }) => {
    if (!monitoring.monitors) return
    const pods = podTemplates(objects).filter(({ spec }) => spec.containers.some(({ ports }) => ports.some(isMetrics)))
    const [byPod, byService] = [only(objects, 'PodMonitor'), only(objects, 'ServiceMonitor')].map((monitors) =>
      monitors.map(({ spec }) => Monitor.parse(spec)),
    )
    for (const { endpoints } of byService ?? []) assert.ok(endpoints.every(({ honorLabels }) => honorLabels))
    for (const { workload, metadata } of pods) {
      const services = only(objects, 'Service').filter(({ spec }) => {
        const { selector, ports } = Service.parse(spec)
        return matches(selector, metadata.labels) && ports.some(isMetrics)
      })
      const found = [
        ...(byPod ?? []).filter(({ selector }) => matches(selector.matchLabels, metadata.labels)),
        ...services.flatMap((service) =>
          (byService ?? []).filter(({ selector }) => matches(selector.matchLabels, service.metadata.labels ?? {})),
        ),
      ]
      assert.equal(found.length, 1, workload)
    }
  })
})

test('of two senders in one namespace each is scaled by its own messages, and by the lag of its own Kafka', () => {
  const [metrics = [], foreign = [], unread = []] = [
    { monitoring: { monitors: true } },
    { monitoring: { monitors: true }, kafka: EXTERNAL_KAFKA },
    { monitoring: { monitors: false } },
  ].map((spec) =>
    only(
      rendered({ ...spec, evolution: { mode: 'sandbox' }, consumer: { autoscaling: { type: 'hpa' } } }),
      'HorizontalPodAutoscaler',
    ).flatMap(({ spec: scaler }) =>
      Scaler.parse(scaler).metrics.map(({ external: { metric } }) => metric.selector.matchLabels['sender']),
    ),
  )
  assert.deepEqual(metrics, [NAME, NAME])
  assert.deepEqual(foreign, [undefined, NAME], 'the exporter of a Kafka that is there knows no sender')
  assert.deepEqual(unread, [undefined, undefined])
})

test('each monitor names the sender that its pods are of', () => {
  const objects = rendered({ evolution: { mode: 'sandbox' }, monitoring: { monitors: true } })
  const monitors = [...only(objects, 'PodMonitor'), ...only(objects, 'ServiceMonitor')].map(({ metadata, spec }) => {
    const { endpoints, podMetricsEndpoints } = Monitor.parse(spec)
    return [metadata.name, ...[...endpoints, ...podMetricsEndpoints].flatMap(({ relabelings }) => relabelings)]
  })
  const from = (label: string) => ({ sourceLabels: [`__meta_kubernetes_pod_label_${label}`], targetLabel: 'sender' })
  assert.deepEqual(Object.fromEntries(monitors), {
    [`${NAME}-api`]: from('app_kubernetes_io_instance'),
    [`${NAME}-consumer`]: from('app_kubernetes_io_instance'),
    [`${NAME}-kafka`]: from('strimzi_io_cluster'),
  })
})

const EXTERNAL_KAFKA = { mode: 'external' as const, external: { bootstrapServers: ['kafka.example.com:9092'] } }
const Scaler = z.object({
  metrics: z.array(
    z.object({
      external: z.object({
        metric: z.object({ selector: z.object({ matchLabels: z.record(z.string(), z.string()) }) }),
      }),
    }),
  ),
})

const Endpoint = z.object({ honorLabels: z.boolean().default(false), relabelings: z.array(z.unknown()).default([]) })
const Monitor = z.object({
  selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
  podMetricsEndpoints: z.array(Endpoint).default([]),
  endpoints: z.array(Endpoint).default([]),
})

function isMetrics({ name }: Readonly<{ name?: string | undefined }>): boolean {
  return name === 'metrics'
}

test('what Strimzi tells of a managed Kafka is read, the lag above all', () => {
  always((objects, { monitoring, kafka }) => {
    const monitor = only(objects, 'PodMonitor').find(({ metadata }) => metadata.name === `${NAME}-kafka`)
    assert.equal(monitor !== undefined, monitoring.monitors && kafka.mode === 'managed')
    const exporters = only(objects, 'Kafka').filter(({ spec }) => Object(spec).kafkaExporter !== undefined)
    assert.equal(exporters.length > 0, monitor !== undefined)
  })
})

test('consumers do not become fewer while what they are scaled by cannot be read', () => {
  always((objects) => {
    for (const { spec } of only(objects, 'ScaledObject')) {
      const { fallback, minReplicaCount } = Scaled.parse(spec)
      assert.deepEqual([fallback.behavior, fallback.replicas], ['currentReplicasIfHigher', minReplicaCount])
    }
  })
})

const Scaled = z.object({
  minReplicaCount: z.number(),
  fallback: z.object({ behavior: z.string(), replicas: z.number(), failureThreshold: z.number() }),
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
