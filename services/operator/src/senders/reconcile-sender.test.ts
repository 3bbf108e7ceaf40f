import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster } from '../kubernetes/cluster.ts'
import { KubernetesError } from '../kubernetes/kubernetes-error.ts'
import { type KubernetesObject, type ObjectReference, referenceOf } from '../kubernetes/kubernetes-object.ts'
import { OWNER_LABEL } from './ownership.ts'
import { createReconcileSender } from './reconcile-sender.ts'
import { lastStatusOf, nextStatus } from './sender-status.ts'

const EXTERNAL = {
  kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
  mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
  evolution: { mode: 'sandbox' },
}
const INGRESS = { ...EXTERNAL, api: { ingress: { host: 'wa.example.com' } } }
const MONGO = { apiVersion: 'v1', kind: 'Secret', metadata: meta('mongo'), data: { 'connectionString.standard': 'x' } }

test('all is applied once, and nothing is when nothing has changed', async () => {
  const world = createWorld([MONGO])
  const first = await world.reconcile(EXTERNAL)
  assert.ok(first.applied > 10)
  assert.equal(first.progress.state, 'reconciling')
  const owned = world.objects().filter(({ kind }) => kind !== 'Secret')
  assert.ok(owned.every(({ metadata }) => metadata.labels?.[OWNER_LABEL] === 'uid-1' && metadata['ownerReferences']))
  assert.equal((await world.reconcile(EXTERNAL)).applied, 0)
})

test('nothing is kept of a sender that is gone', async () => {
  const world = createWorld([MONGO])
  const { applied } = await world.reconcile(EXTERNAL)
  world.forget()
  assert.equal((await world.reconcile(EXTERNAL)).applied, applied)
})

test('what somebody changed or removed is applied again, and it alone', async () => {
  const world = createWorld([MONGO])
  await world.reconcile(EXTERNAL)
  world.change('Deployment', 'wa-api', (object) => ({ ...object, spec: { replicas: 7 } }))
  world.delete('Service', 'wa-api')
  assert.equal((await world.reconcile(EXTERNAL)).applied, 2)
  assert.notDeepEqual(world.find('Deployment', 'wa-api')?.['spec'], { replicas: 7 })
  assert.ok(world.find('Service', 'wa-api'))
})

test('what is not asked for any more is removed', async () => {
  const world = createWorld([MONGO])
  await world.reconcile(INGRESS)
  assert.ok(world.find('Ingress', 'wa-api'))
  assert.equal((await world.reconcile(EXTERNAL)).removed, 1)
  assert.equal(world.find('Ingress', 'wa-api'), undefined)
})

test('nothing at all is applied while an object of somebody else is in the way', async () => {
  const theirs = { apiVersion: 'v1', kind: 'Service', metadata: meta('wa-api'), spec: { theirs: true } }
  const world = createWorld([MONGO, theirs])
  const { progress, applied } = await world.reconcile(EXTERNAL)
  assert.deepEqual([progress.state, progress.reason, applied], ['stalled', 'Conflict', 0])
  assert.match(progress.message, /Service wa-api/)
  assert.deepEqual(world.find('Service', 'wa-api')?.['spec'], { theirs: true })
})

test('a new Secret changes the pods that read it', async () => {
  const world = createWorld([MONGO])
  await world.reconcile(EXTERNAL)
  world.change('Secret', 'mongo', (object) => ({ ...object, data: { 'connectionString.standard': 'y' } }))
  assert.equal((await world.reconcile(EXTERNAL)).applied, 2)
})

test('a sender that was made again waits for what is left of the one before, and takes over its data', async () => {
  const world = createWorld([MONGO])
  await world.reconcile(EXTERNAL)
  const { progress } = await world.reconcile(EXTERNAL, 'uid-2')
  assert.deepEqual([progress.state, progress.reason], ['reconciling', 'CleaningUp'])
  assert.equal(world.find('Service', 'wa-api')?.metadata.labels?.[OWNER_LABEL], 'uid-1')
})

test('a kind that is missing and not needed is left out and named, and comes when it is there', async () => {
  const world = createWorld([MONGO])
  world.undefine('PodMonitor')
  const monitored = { ...EXTERNAL, monitoring: { monitors: true } }
  const without = await world.reconcile(monitored)
  assert.equal(without.progress.state, 'reconciling')
  assert.deepEqual([world.find('PodMonitor', 'wa-consumer'), without.applied > 10], [undefined, true])
  const said = without.verdicts?.find(({ type }) => type === 'MonitoringAvailable')
  assert.deepEqual([said?.status, said?.reason], ['False', 'KindMissing'])
  assert.match(said?.message ?? '', /PodMonitor of monitoring.coreos.com/)
  world.define('PodMonitor')
  const complete = await world.reconcile(monitored)
  assert.deepEqual([complete.applied, world.find('PodMonitor', 'wa-consumer')?.kind], [1, 'PodMonitor'])
  const available = complete.verdicts?.find(({ type }) => type === 'MonitoringAvailable')
  assert.equal(available?.status, 'True')
})

test('a kind that is missing stalls only while it is asked for', async () => {
  const world = createWorld([MONGO])
  const scaled = { ...EXTERNAL, consumer: { autoscaling: { type: 'keda' } } }
  await world.reconcile(scaled)
  world.delete('ScaledObject', 'wa-consumer')
  world.undefine('ScaledObject')
  const { progress } = await world.reconcile(scaled)
  assert.deepEqual([progress.state, progress.reason], ['stalled', 'KindMissing'])
  assert.equal((await world.reconcile(EXTERNAL)).progress.state, 'reconciling')
})

test('what the server refuses for good stalls with its words, and what was applied before is known', async () => {
  const world = createWorld([MONGO])
  world.refuse('Deployment', new KubernetesError({ status: 422, reason: 'Invalid', message: 'selector is immutable' }))
  const { progress, children } = await world.reconcile(EXTERNAL)
  assert.deepEqual(progress, { state: 'stalled', reason: 'Rejected', message: 'selector is immutable' })
  assert.ok(children.length > 0)
})

test('what may pass by itself is thrown, to be tried again', async () => {
  const world = createWorld([MONGO])
  world.refuse('Deployment', new KubernetesError({ status: 503, reason: 'ServiceUnavailable', message: 'away' }))
  await assert.rejects(world.reconcile(EXTERNAL), { status: 503 })
})

test('a specification that cannot work names its fields', async () => {
  const { progress } = await createWorld([MONGO]).reconcile({ ...EXTERNAL, kafka: { mode: 'external' } })
  assert.deepEqual([progress.state, progress.reason], ['stalled', 'InvalidSpec'])
  assert.match(progress.message, /kafka/)
})

function meta(name: string) {
  return { name, namespace: 'test' }
}

/** One namespace, whose server takes whole objects. */
function createWorld(given: readonly KubernetesObject[]) {
  const store = new Map(given.map((object) => [idOf(referenceOf(object)), object]))
  let refusal: Readonly<{ kind: string; error: Error }> | undefined
  const unknown = new Set<string>()
  let version = 0
  let last = lastStatusOf({ apiVersion: '', kind: '', metadata: meta('wa') })

  function put(object: KubernetesObject): KubernetesObject {
    if (refusal?.kind === object.kind) throw refusal.error
    version += 1
    const id = idOf(referenceOf(object))
    const uid = store.get(id)?.metadata.uid ?? `object-${version}`
    const { stringData, ...rest } = object
    const kept = { ...rest, ...(stringData !== undefined && { data: stringData }) }
    const stored = { ...kept, metadata: { ...object.metadata, uid, resourceVersion: String(version) } }
    store.set(id, stored)
    return stored
  }
  const cluster: Cluster = {
    apply: async (object) => put(object),
    applyStatus: async (object) => put(object),
    create: async (object) => put(object),
    replace: async (object) => put(object),
    read: async (reference) => store.get(idOf(reference)),
    list: async ({ kind }) => [...store.values()].filter((object) => object.kind === kind),
    listWithVersion: async () => ({ resourceVersion: '1', items: [] }),
    watch: async function* () {},
    remove: async (reference) => store.delete(idOf(reference)),
    close: async () => undefined,
  }
  const reconcile = createReconcileSender({
    cluster,
    children: {
      of: async (uid, kinds) => ({
        objects: [...store.values()].filter(
          ({ kind, metadata }) => metadata.labels?.[OWNER_LABEL] === uid && kinds.some((one) => one.kind === kind),
        ),
        missing: kinds
          .filter(({ kind }) => unknown.has(kind))
          .map(({ apiVersion, kind }) => ({ apiVersion, kind, message: `no ${kind}` })),
      }),
    },
  })
  return {
    objects: () => [...store.values()],
    find: (kind: string, name: string) => store.get(`${kind}/${name}`),
    delete: (kind: string, name: string) => store.delete(`${kind}/${name}`),
    change: (kind: string, name: string, change: (object: KubernetesObject) => KubernetesObject) => {
      const object = store.get(`${kind}/${name}`)
      if (object !== undefined) put(change(object))
    },
    undefine: (kind: string) => unknown.add(kind),
    define: (kind: string) => unknown.delete(kind),
    refuse: (kind: string, error: Error) => {
      refusal = { kind, error }
    },
    forget: () => reconcile.forget('test/wa'),
    reconcile: async (spec: object, uid = 'uid-1') => {
      const head = { apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppSender' }
      const result = await reconcile({ ...head, metadata: meta('wa'), spec }, { ...head, ...meta('wa'), uid }, last)
      last = lastStatusOf({
        ...head,
        metadata: meta('wa'),
        status: nextStatus(last, result, { generation: 1, now: new Date(0) }),
      })
      return result
    },
  }
}

function idOf({ kind, name }: ObjectReference): string {
  return `${kind}/${name}`
}
