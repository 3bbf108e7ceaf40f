import { before, suite, type TestContext, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { imageName } from './images/make-images.ts'
import { type Installation, NEXT_TAG } from './support/installation.ts'
import { askPod, type Component, type Pod } from './support/pods.ts'
import { demandNothingLost, startSteadyLoad } from './support/steady-load.ts'

const INSTANCES = ['roll-a', 'roll-b', 'roll-c', 'roll-d', 'roll-e', 'roll-f']
const PER_SECOND = 30
/** Before and after what is done, so that it happens under load and not at its ends. */
const FLOWING = 5 * PER_SECOND

export function testRolling(installation: () => Installation): void {
  suite('under load every message is accepted, and leaves once and in its order', () => {
    before(async () => {
      const admin = await installation().signIn()
      for (const name of INSTANCES) await admin.createInstance(name)
    })

    test('while consumers become three, and one again', async (t) => {
      const { pods, upgrade } = installation()
      await underLoad(t, installation(), 'scale', async () => {
        const { consumer } = await specOf(installation())
        await upgrade({ consumer: { ...consumer, replicas: 3 } })
        await pods.untilReady('consumer', 3)
        await upgrade({ consumer: { ...consumer, replicas: 1 } })
        await pods.untilReady('consumer', 1)
      })
    })

    test('while a new version is rolled out', async (t) => {
      const { pods, upgrade } = installation()
      const [api, consumer] = [await pods.list('api'), await pods.list('consumer')]
      await underLoad(t, installation(), 'version', async () => {
        const spec = await specOf(installation())
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
      await underLoad(t, installation(), 'evict', async () => {
        for (const component of ['api', 'consumer'] as const) {
          const before = await pods.list(component)
          for (const { name } of before) await pods.evict(name)
          await untilReplaced(installation(), component, before)
        }
      })
    })

    test('while the operator that leads is deleted, and another one leads on', async (t) => {
      const { node, namespace, pods } = installation()
      await underLoad(t, installation(), 'leader', async () => {
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

/** Posts all the time while something is done, and demands that no message came to harm. */
export async function underLoad(
  t: TestContext,
  installation: Installation,
  name: string,
  act: () => Promise<void>,
): Promise<void> {
  const load = startSteadyLoad(await installation.signIn(), {
    instances: INSTANCES,
    recipients: 2,
    perSecond: PER_SECOND,
    name,
  })
  const began = performance.now()
  try {
    await load.flows(FLOWING)
    await act()
    await load.flows(FLOWING)
  } finally {
    const posted = await load.stop()
    const seconds = Math.round((performance.now() - began) / 1000)
    t.diagnostic(`${await demandNothingLost(installation, posted, name)} in ${seconds} s`)
  }
}

/** Until none of these pods is there, and as many others are ready. */
export async function untilReplaced(
  { pods }: Installation,
  component: Component,
  before: readonly Pod[],
): Promise<void> {
  await until(
    `the pods of ${component} are others`,
    async () => {
      const now = await pods.list(component)
      const isOther = now.every(({ uid }) => before.every((one) => one.uid !== uid))
      return isOther && now.length === before.length && now.every(({ isReady }) => isReady) ? true : undefined
    },
    { timeoutMs: 300_000, everyMs: 500 },
  )
}

async function leaderOf({ pods }: Installation): Promise<Pod> {
  for (const pod of await pods.list('operator')) {
    if (pod.isGoing) continue
    const { text } = await askPod(pod, '/metrics')
    if (/^whatsapp_operator_leader(\{[^}]*\})? 1$/m.test(text)) return pod
  }
  throw new Error('no operator leads')
}

async function specOf({ node, namespace }: Installation): Promise<{ api: object; consumer: object }> {
  const sender = await node.kubectl(['get', 'whatsappsender/wa', '--namespace', namespace, '--output', 'json'])
  const { spec }: { spec: { api: object; consumer: object } } = JSON.parse(sender)
  return spec
}
