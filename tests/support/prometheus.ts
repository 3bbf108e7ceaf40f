import { until } from '@whatsapp-sender/sandbox/process/until'
import { stringify } from 'yaml'
import { z } from 'zod'
import { ruleGroups } from '../../infra/src/monitoring/prometheus-rules.ts'
import { binaryPath } from './kubernetes.ts'
import { runPrometheus } from './run-prometheus.ts'

const MINUTES = /\b(\d+)m\b/g
const HOURS = /\b(\d+)h\b/g
const HOUR_SECONDS = 20
/** A bound in seconds that is one of minutes, or of days. */
const SECONDS_BOUND = /(_seconds\) > )(\d+00)\b/g
const DAY = 86_400
const DAY_SECONDS = 30
const LONGEST_MS = 120_000
const LOOK_EVERY_MS = 200

/** Why alerts cannot be tested with this program of Prometheus, said loudly, or false: for the option `skip` of a suite. */
export function whyNoPrometheus(name: 'prometheus' | 'promtool' = 'prometheus'): string | false {
  if (binaryPath(name) !== undefined) return false
  const why = `no ${name}: tests/kubernetes/assets/get-binaries.sh prometheus fetches it`
  if (process.env['ALERTS_ALL'] === '1') throw new Error(why)
  console.error(`\n*** ALERTS NOT TESTED: ${why} ***\n`)
  return why
}

/** Why a run that takes long is not one of `npm test`, or false: for the option `skip` of a suite. */
export function whyNotEveryAlert(): string | false {
  return process.env['ALERTS_ALL'] === '1' ? false : 'npm run test:alerts runs it'
}

export type Prometheus = Readonly<{
  /** The states that an alert goes through on its way to this one; `undefined`: its condition is not met any more. */
  statesUntil(alert: string, end: 'firing' | undefined, timeoutMs?: number): Promise<readonly string[]>
  /** Names of the alerts that fire now. */
  firing(): Promise<readonly string[]>
  stop(): Promise<void>
}>

/**
 * A Prometheus with our alerts, in which every minute is a second, also where seconds stand for minutes, an hour 20 and a
 * day 30.
 *
 * @param targets host and port of what it scrapes, asked anew each second
 * @param minute how many seconds a minute is, where what is to happen in some of them takes its time
 * @param boundMinute the same for a bound, where what is measured keeps a pace of its own
 */
export async function startPrometheus(
  targets: () => readonly string[],
  { minute = 1, boundMinute = 1 }: Readonly<{ minute?: number; boundMinute?: number }> = {},
): Promise<Prometheus> {
  const shortened = (bound: number) => (bound % DAY === 0 ? (bound / DAY) * DAY_SECONDS : (bound / 60) * boundMinute)
  const rules = stringify({ groups: ruleGroups() }, { lineWidth: 0 })
    .replaceAll(MINUTES, (_, minutes: string) => `${Number(minutes) * minute}s`)
    .replaceAll(HOURS, (_, hours: string) => `${Number(hours) * HOUR_SECONDS}s`)
    .replaceAll(SECONDS_BOUND, (_, before: string, bound: string) => `${before}${shortened(Number(bound))}`)
  const { url, stop } = await runPrometheus({
    groups: () => [{ targets: targets(), labels: { namespace: NAMESPACE } }],
    scrape: {
      job_name: 'whatsapp',
      relabel_configs: [{ source_labels: ['__address__'], target_label: 'pod' }],
    },
    config: { global: { scrape_interval: '1s', evaluation_interval: '1s' }, rule_files: ['rules.yaml'] },
    files: { 'rules.yaml': rules },
  })
  const alerts = async () => Alerts.parse(await (await fetch(`${url}/api/v1/alerts`)).json()).data.alerts
  const stateOf = async (name: string) => (await alerts()).find(({ labels }) => labels.alertname === name)?.state
  return {
    statesUntil: async (name, end, timeoutMs = LONGEST_MS) => {
      const states = new Set<string>()
      await until(
        `${name} is ${end ?? 'quiet'}`,
        async () => {
          const state = await stateOf(name)
          if (state !== undefined) states.add(state)
          return state === end || undefined
        },
        { timeoutMs, everyMs: LOOK_EVERY_MS },
      )
      return [...states]
    },
    firing: async () =>
      (await alerts()).filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname),
    stop,
  }
}

const NAMESPACE = 'wa'

const Alerts = z.object({
  data: z.object({
    alerts: z.array(
      z.object({ labels: z.looseObject({ alertname: z.string() }), state: z.enum(['pending', 'firing']) }),
    ),
  }),
})
