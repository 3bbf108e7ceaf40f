import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import { ruleGroups } from '../../infra/src/monitoring/prometheus-rules.ts'
import type { Installation } from './support/installation.ts'
import { METRICS_PORT } from './support/pods.ts'
import { installPrometheus, MONITORED, type OperatedPrometheus } from './support/prometheus-operator.ts'

const FOUND_MS_MAX = 300_000
const INTERVAL = '5s'
/** Each says of which service it is, however Prometheus has found it. */
const METRICS = [
  ['whatsapp_messages_accepted_total', 'api'],
  ['whatsapp_messages_due', 'consumer'],
  ['whatsapp_operator_leader', 'operator'],
] as const

export function testMonitoring(installation: () => Installation, folder: () => string): void {
  suite('the Prometheus operator takes up what the chart makes for it', () => {
    let prometheus: OperatedPrometheus
    before(async () => {
      const { node, upgrade, namespace } = installation()
      prometheus = await installPrometheus(node, folder())
      await upgrade(
        { monitoring: { monitors: true, rules: true, labels: MONITORED, interval: INTERVAL } },
        { podMonitor: { enabled: true, labels: MONITORED, interval: INTERVAL } },
      )
      const condition = ['wait', 'whatsappsender/wa', '--namespace', namespace, '--timeout=120s']
      await node.kubectl([
        ...condition,
        '--for=jsonpath={.status.conditions[?(@.type=="MonitoringAvailable")].reason}=Available',
      ])
    })

    test('the metrics of every pod of API, consumer and operator are read, once', async (t) => {
      const targets = await until(
        'every pod is read',
        async () => {
          const wanted = await podsToRead(installation())
          const up = (await targetsOf(prometheus)).filter(({ health }) => health === 'up')
          const read = up.map(({ labels }) => `${labels.instance} ${labels.job}`)
          return isDeepStrictEqual(read.sort(), [...wanted].sort()) ? up : undefined
        },
        { timeoutMs: FOUND_MS_MAX, everyMs: 1000 },
      )
      for (const [metric, service] of METRICS) {
        const samples = `${metric}{service="${service}"}`
        assert.notEqual(await countOf(prometheus, samples), 0, samples)
      }
      const series = await countOf(prometheus, '{__name__=~".+", service=~".+"}')
      t.diagnostic(`Prometheus ${prometheus.version}: ${targets.length} pods, ${series} series`)
    })

    test('every alert is there, and can be evaluated', async (t) => {
      const wanted = ruleGroups().flatMap(({ rules }) => rules.map(({ alert }) => alert))
      const rules = await until(
        'every alert was evaluated',
        async () => {
          const found = await alertsOf(prometheus)
          return found.length > 0 && found.every(({ health }) => health !== 'unknown') ? found : undefined
        },
        { timeoutMs: FOUND_MS_MAX, everyMs: 1000 },
      )
      assert.deepEqual(rules.map(({ name }) => name).sort(), [...wanted].sort())
      assert.deepEqual(
        rules.filter(({ health }) => health !== 'ok'),
        [],
      )
      const active = rules.filter(({ state }) => state !== 'inactive').map(({ name, state }) => `${name} ${state}`)
      t.diagnostic(`${rules.length} alerts; not inactive: ${active.join(', ') || 'none'}`)
    })
  })
}

/** Where each of them tells its metrics, and as what: by its Service, or by the labels of its pods. */
async function podsToRead({ pods, namespace }: Installation): Promise<readonly string[]> {
  const found = { api: 'wa-api-metrics', consumer: `${namespace}/wa-consumer`, operator: `${namespace}/wa-operator` }
  const targets: string[] = []
  for (const component of ['api', 'consumer', 'operator'] as const) {
    for (const { ip } of await pods.list(component)) targets.push(`${ip}:${METRICS_PORT} ${found[component]}`)
  }
  return targets
}

const Targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ labels: z.looseObject({ job: z.string(), instance: z.string() }), health: z.string() }),
    ),
  }),
})

async function targetsOf(prometheus: OperatedPrometheus) {
  return Targets.parse(await ask(prometheus, '/api/v1/targets?state=active')).data.activeTargets
}

const Rules = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({ name: z.string(), health: z.string(), state: z.string(), lastError: z.string().optional() }),
        ),
      }),
    ),
  }),
})

async function alertsOf(prometheus: OperatedPrometheus) {
  return Rules.parse(await ask(prometheus, '/api/v1/rules?type=alert')).data.groups.flatMap(({ rules }) => rules)
}

const Samples = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/** Of the series that match. */
async function countOf(prometheus: OperatedPrometheus, selector: string): Promise<number> {
  const query = encodeURIComponent(`count(${selector})`)
  const { data } = Samples.parse(await ask(prometheus, `/api/v1/query?query=${query}`))
  return Number(data.result[0]?.value[1] ?? 0)
}

async function ask({ url }: OperatedPrometheus, path: string): Promise<unknown> {
  const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) })
  return await response.json()
}
