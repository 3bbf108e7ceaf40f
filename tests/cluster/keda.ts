import assert from 'node:assert/strict'
import { before, suite, type TestContext, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import { lanesOf, post } from '../support/load.ts'
import type { Installation } from './support/installation.ts'
import { installKeda } from './support/keda.ts'
import { demandNothingLost } from './support/steady-load.ts'

const INSTANCES = ['due-a', 'due-b', 'due-c', 'due-d', 'due-e', 'due-f']
const MAX = 3
const AUTOSCALING = { type: 'keda', min: 1, max: MAX, dueThreshold: 20, lagThreshold: 50 }
const MESSAGES = 600
/** Two slots of a consumer and a second for each message: a few minutes of work for one. */
const SLOW = { delayMs: 1000 }
const FEW_SLOTS = 2
/** Each 15 s KEDA asks, and the autoscaler; it waits 30 s, and doubles at most each minute. */
const SCALED_UP_MS_MAX = 360_000
/** Five minutes of rest, then one consumer a minute. */
const SCALED_DOWN_MS_MAX = 900_000

/** In this order: the second begins with one consumer, the third with what the second has left. */
export function testKeda(installation: () => Installation, folder: () => string): void {
  suite('KEDA scales the consumers, and every message leaves once', () => {
    before(async () => {
      await installKeda(installation().node, folder())
      const admin = await installation().signIn()
      for (const name of INSTANCES) await admin.createInstance(name)
    })

    test('up by what is due and finds no free slot', async (t) => {
      const { gateway, signIn } = installation()
      await beginWithOne(installation())
      await gateway.program('*', SLOW)
      const posted = await post(await signIn(), lanesOf(INSTANCES, 10), MESSAGES, 'due')
      try {
        await untilScaled(t, installation(), { to: MAX, timeoutMs: SCALED_UP_MS_MAX })
      } finally {
        await gateway.program('*', {})
      }
      t.diagnostic(await demandNothingLost(installation(), posted, 'due'))
    })

    test('up by what is accepted and not stored, with the database down', async (t) => {
      const { servers, signIn } = installation()
      await beginWithOne(installation())
      const client = await signIn()
      const thaw = servers.freezeMongo()
      try {
        const posted = await post(client, lanesOf(INSTANCES, 10), MESSAGES, 'lag')
        await untilScaled(t, installation(), { to: MAX, timeoutMs: SCALED_UP_MS_MAX })
        thaw()
        t.diagnostic(await demandNothingLost(installation(), posted, 'lag'))
      } finally {
        thaw()
      }
    })

    test('down to one when nothing waits', async (t) => {
      const { pods } = installation()
      await untilScaled(t, installation(), { to: 1, timeoutMs: SCALED_DOWN_MS_MAX })
      await pods.untilReady('consumer', 1)
    })
  })
}

/** One consumer, and an autoscaler that remembers nothing. */
async function beginWithOne({ node, namespace, pods, specOf, upgrade }: Installation): Promise<void> {
  const { consumer } = await specOf()
  const slots = { ...consumer, maxInFlight: FEW_SLOTS, replicas: 1 }
  await upgrade({ consumer: { ...slots, autoscaling: { type: 'none' } } })
  const found = ['get', 'scaledobject/wa-consumer', '--namespace', namespace, '--ignore-not-found', '--output', 'name']
  await until('nothing scales any more', async () => ((await node.kubectl(found)) === '' ? true : undefined))
  await pods.untilReady('consumer', 1)
  await upgrade({ consumer: { ...slots, autoscaling: AUTOSCALING } })
  const scaled = ['wait', 'scaledobject/wa-consumer', '--namespace', namespace]
  await node.kubectl([...scaled, '--for=create', '--timeout=120s'])
  await node.kubectl([...scaled, '--for=condition=Ready', '--timeout=120s'])
  assert.equal(await replicasOf({ node, namespace }), 1)
}

const Autoscaler = z.object({
  items: z.array(
    z.object({
      status: z.object({
        currentMetrics: z
          .array(
            z.object({
              external: z
                .object({ metric: z.object({ name: z.string() }), current: z.object({ averageValue: z.string() }) })
                .optional(),
            }),
          )
          .nullish(),
      }),
    }),
  ),
})

type Where = Pick<Installation, 'node' | 'namespace'>

async function untilScaled(
  t: TestContext,
  { node, namespace }: Where,
  { to, timeoutMs }: Readonly<{ to: number; timeoutMs: number }>,
): Promise<void> {
  const began = performance.now()
  let last = await replicasOf({ node, namespace })
  await until(
    `there are ${to} consumers`,
    async () => {
      const replicas = await replicasOf({ node, namespace })
      if (replicas !== last) {
        const seconds = Math.round((performance.now() - began) / 1000)
        t.diagnostic(`${last} → ${replicas} after ${seconds} s; ${await signalsOf({ node, namespace })}`)
      }
      last = replicas
      return replicas === to ? true : undefined
    },
    { timeoutMs, everyMs: 1000 },
  )
}

async function replicasOf({ node, namespace }: Where): Promise<number> {
  const query = ['get', 'deployment/wa-consumer', '--namespace', namespace, '--output', 'jsonpath={.spec.replicas}']
  return Number(await node.kubectl(query))
}

/** What the autoscaler saw last, per consumer. */
async function signalsOf({ node, namespace }: Where): Promise<string> {
  const found = await node.kubectl(['get', 'horizontalpodautoscaler', '--namespace', namespace, '--output', 'json'])
  const metrics = Autoscaler.parse(JSON.parse(found)).items.flatMap(({ status }) => status.currentMetrics ?? [])
  return metrics
    .flatMap(({ external }) => external ?? [])
    .map(({ metric, current }) => `${metric.name} ${current.averageValue} each`)
    .join(', ')
}
