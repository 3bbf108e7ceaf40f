import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, whyNoKubernetes } from '../../../tests/support/kubernetes.ts'
import type { Cluster } from '../src/kubernetes/cluster.ts'
import { createLeaderElection } from '../src/kubernetes/leader-election.ts'
import { openCluster, until } from './support/operator-cluster.ts'

describe('the election of a leader', { skip: whyNoKubernetes() }, () => {
  let plane: ControlPlane
  let cluster: Cluster
  let namespace: string

  before(async () => {
    const opened = await openCluster()
    plane = opened.plane
    cluster = opened.cluster
    namespace = await plane.createNamespace()
  })
  after(() => cluster.close())

  test('who is cut off from the server stops leading, and another leads within 20 s, never both', async () => {
    let isCut = false
    const unlessCut = <T>(call: () => Promise<T>): Promise<T> => (isCut ? new Promise<T>(() => {}) : call())
    let lost = 0
    const first = join(
      'first',
      () => {
        lost += 1
      },
      {
        read: (reference) => unlessCut(() => cluster.read(reference)),
        create: (object) => unlessCut(() => cluster.create(object)),
        replace: (object) => unlessCut(() => cluster.replace(object)),
      },
    )
    first.start()
    await first.elected
    const second = join('second')
    second.start()
    const watching = new AbortController()
    const never = watchFor(() => first.isLeader() && second.isLeader(), watching.signal)
    await until('a renewal', async () => (await transitions()) === 0)
    isCut = true
    const cutAt = performance.now()
    await second.elected
    const tookMs = performance.now() - cutAt
    assert.ok(tookMs <= 20_000, `it took ${tookMs} ms`)
    assert.equal(first.isLeader(), false)
    assert.equal(lost, 1)
    watching.abort()
    assert.equal(await never, 0)
    await second.stop()
  })

  test('who stops gives the lease back, and another leads within two tries', async () => {
    const first = join('third')
    first.start()
    await first.elected
    const second = join('fourth')
    second.start()
    await sleep(100)
    await first.stop()
    const stoppedAt = performance.now()
    await second.elected
    assert.ok(performance.now() - stoppedAt < 8000)
    await second.stop()
    const { stdout } = {
      stdout: await plane.kubectl(['get', 'lease', 'operator', '--namespace', namespace, '-o', 'json']),
    }
    assert.equal(JSON.parse(stdout).spec.holderIdentity, '')
  })

  function join(
    identity: string,
    onLost: () => void = () => undefined,
    reached: Pick<Cluster, 'read' | 'create' | 'replace'> = cluster,
  ) {
    const lease = { name: 'operator', namespace }
    return createLeaderElection({ cluster: reached, lease, identity, onLost, onError: () => undefined })
  }

  async function transitions(): Promise<unknown> {
    const lease = await cluster.read({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      name: 'operator',
      namespace,
    })
    return Object(lease?.['spec']).leaseTransitions
  }
})

/** How often it was so. */
async function watchFor(isTrue: () => boolean, signal: AbortSignal): Promise<number> {
  let count = 0
  while (!signal.aborted) {
    if (isTrue()) count += 1
    await sleep(10)
  }
  return count
}
