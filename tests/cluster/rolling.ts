import { before, suite, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { imageName } from './images/make-images.ts'
import { type Installation, NEXT_TAG } from './support/installation.ts'
import { askPod, type Pod } from './support/pods.ts'
import { untilReplaced } from './support/pods-replaced.ts'
import { underLoad } from './support/under-load.ts'

export const INSTANCES = ['roll-a', 'roll-b', 'roll-c', 'roll-d', 'roll-e', 'roll-f']

export function testRolling(installation: () => Installation): void {
  suite('under load every message is accepted, and leaves once and in its order', () => {
    before(async () => {
      const admin = await installation().signIn()
      for (const name of INSTANCES) await admin.createInstance(name)
    })

    test('while consumers become three, and one again', async (t) => {
      const { pods, upgrade } = installation()
      await underLoad(t, installation(), { name: 'scale', instances: INSTANCES }, async () => {
        const { consumer } = await installation().specOf()
        await upgrade({ consumer: { ...consumer, replicas: 3 } })
        await pods.untilReady('consumer', 3)
        await upgrade({ consumer: { ...consumer, replicas: 1 } })
        await pods.untilReady('consumer', 1)
      })
    })

    test('while a new version is rolled out', async (t) => {
      const { pods, upgrade } = installation()
      const [api, consumer] = [await pods.list('api'), await pods.list('consumer')]
      await underLoad(t, installation(), { name: 'version', instances: INSTANCES }, async () => {
        const spec = await installation().specOf()
        await upgrade({
          api: { ...spec.api, image: imageName('api', NEXT_TAG) },
          consumer: { ...spec.consumer, image: imageName('consumer', NEXT_TAG) },
        })
        await untilReplaced(installation(), 'api', api)
        await untilReplaced(installation(), 'consumer', consumer)
      })
    })

    test('while every pod of API and consumer is evicted, one after the other, as a drain does', async (t) => {
      const { pods } = installation()
      await underLoad(t, installation(), { name: 'evict', instances: INSTANCES }, async () => {
        for (const component of ['api', 'consumer'] as const) {
          const before = await pods.list(component)
          for (const { name } of before) await pods.evict(name)
          await untilReplaced(installation(), component, before)
        }
      })
    })

    test('while the operator that leads is deleted, and another one leads on', async (t) => {
      const { node, namespace, pods } = installation()
      await underLoad(t, installation(), { name: 'leader', instances: INSTANCES }, async () => {
        const leader = await leaderOf(installation())
        await node.kubectl(['delete', 'pod', leader.name, '--namespace', namespace, '--wait=false'])
        const began = performance.now()
        await until('another one leads', async () => {
          const next = await leaderOf(installation()).catch(() => undefined)
          return next !== undefined && next.uid !== leader.uid ? next : undefined
        })
        t.diagnostic(`another one led after ${((performance.now() - began) / 1000).toFixed(1)} s`)
        // It does what the first would have done.
        await node.kubectl(['delete', 'service', 'wa-api-metrics', '--namespace', namespace])
        await node.kubectl([
          'wait',
          'service/wa-api-metrics',
          '--namespace',
          namespace,
          '--for=create',
          '--timeout=60s',
        ])
        await pods.untilReady('operator', 2)
      })
    })
  })
}

async function leaderOf({ pods }: Installation): Promise<Pod> {
  for (const pod of await pods.list('operator')) {
    if (pod.isGoing) continue
    const { text } = await askPod(pod, '/metrics')
    if (/^whatsapp_operator_leader(\{[^}]*\})? 1$/m.test(text)) return pod
  }
  throw new Error('no operator leads')
}
