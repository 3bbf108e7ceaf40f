import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isRunning } from '@whatsapp-sender/sandbox/process/process-identity'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import { ALERT_GROUPS } from '../../infra/src/monitoring/alerts.ts'
import { binaryPath } from '../support/kubernetes.ts'
import { whyNoPrometheus } from '../support/prometheus.ts'
import { createFolderOfGivenServers } from './given-servers.ts'

const OBSERVE = ['--observe']
// Kafka and MongoDB are given: to observe what they do is nothing of this test.
const folder = await createFolderOfGivenServers({ CANARY_INTERVAL_SECONDS: '1' })
after(() => folder.remove())

test('a real Prometheus scrapes every process, has every alert, and sees canaries arrive; Ctrl-C ends them all', {
  skip: whyNoPrometheus(),
}, async () => {
  const { system, output, children, sendUntilRead, stop } = await folder.start(
    { PROMETHEUS_BIN: binaryPath('prometheus'), PROMETHEUS_PORT: '0' },
    OBSERVE,
  )
  const { prometheus = assert.fail('there is no address of a Prometheus') } = system
  assert.ok(output().includes(prometheus) && output().includes(`${prometheus}/alerts`))

  const up = await until('all targets are up', async () => {
    const { activeTargets } = await ask(prometheus, 'targets', Targets)
    const jobs = activeTargets.filter(({ health }) => health === 'up').map(({ scrapePool }) => scrapePool)
    return jobs.length === 3 ? jobs : undefined
  })
  assert.deepEqual(up.sort(), ['api', 'canary', 'consumer'])
  const { groups } = await ask(prometheus, 'rules', Rules)
  const alerts = Object.values(ALERT_GROUPS).flatMap((group) => group.map(({ name }) => name))
  const loaded = new Set(groups.flatMap(({ rules }) => rules.map(({ name }) => name)))
  assert.deepEqual(
    alerts.filter((name) => !loaded.has(name)),
    [],
  )
  await until('Prometheus has seen a canary arrive', async () => {
    const { result } = await ask(prometheus, `query?query=${encodeURIComponent(ARRIVED)}`, Vector)
    return Number(result[0]?.value[1] ?? 0) > 0 ? true : undefined
  })
  await sendUntilRead()

  const processes = await children()
  assert.equal(processes.length, 4, 'API, consumer, canary and Prometheus')
  assert.equal(await stop(), 0)
  for (const identity of processes) assert.equal(await isRunning(identity), false, `${identity.pid} still runs`)
})

test('where there is no Prometheus it says how to get one, and everything else runs', async () => {
  const empty = join(folder.directory, 'empty')
  await mkdir(empty, { recursive: true })
  const { system, output, stop } = await folder.start({ PATH: empty }, OBSERVE)
  assert.match(output(), /There is no Prometheus on this machine/)
  for (const way of ['PROMETHEUS_BIN=', 'Docker or Podman', 'npx infra alerts']) assert.ok(output().includes(way), way)
  assert.equal(system.prometheus, undefined)
  await until('a canary has arrived', async () => {
    const metrics = await (await fetch(`${system.canaryMetrics}/metrics`)).text()
    return /^whatsapp_canary_messages_total\{outcome="arrived",service="canary"\} [1-9]/m.test(metrics)
      ? true
      : undefined
  })
  assert.equal(await stop(), 0)
})

test('what PROMETHEUS_BIN names and does not run is told, and an argument that means nothing is refused', async () => {
  const { output, system, stop } = await folder.start({ PROMETHEUS_BIN: '/nowhere/prometheus' }, OBSERVE)
  assert.match(output(), /PROMETHEUS_BIN does not run: \/nowhere\/prometheus/)
  assert.equal(system.prometheus, undefined)
  assert.equal(await stop(), 0)
  assert.match(await folder.outputOf('sandbox/start.ts', ['--watch']), /npm start takes one argument/)
})

const ARRIVED = 'max_over_time(whatsapp_canary_messages_total{outcome="arrived"}[5m])'
const Targets = z.object({ activeTargets: z.array(z.looseObject({ health: z.string(), scrapePool: z.string() })) })
const Rules = z.object({ groups: z.array(z.object({ rules: z.array(z.looseObject({ name: z.string() })) })) })
const Vector = z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) })

async function ask<T>(prometheus: string, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(`${prometheus}/api/v1/${path}`)
  const { data } = z.object({ data: z.unknown() }).parse(await response.json())
  return schema.parse(data)
}
