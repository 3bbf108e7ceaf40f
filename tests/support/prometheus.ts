import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { startReadyProcess } from '@whatsapp-sender/sandbox/process/ready-process'
import { stringify } from 'yaml'
import { z } from 'zod'
import { ruleGroups } from '../../infra/src/monitoring/prometheus-rules.ts'
import { binaryPath } from './kubernetes.ts'

const MINUTE = /\b(\d+)m\b/g
const HOUR = /\b1h\b/g

/** Why alerts cannot be tested with this program of Prometheus, said loudly, or false: for the option `skip` of a suite. */
export function whyNoPrometheus(name: 'prometheus' | 'promtool' = 'prometheus'): string | false {
  if (binaryPath(name) !== undefined) return false
  const why = `no ${name}: tests/kubernetes/assets/get-binaries.sh prometheus fetches it`
  console.error(`\n*** ALERTS NOT TESTED: ${why} ***\n`)
  return why
}

export type Prometheus = Readonly<{
  /** What it says of an alert: undefined while its condition is not met. */
  stateOf(alert: string): Promise<'pending' | 'firing' | undefined>
  /** Names of the alerts that fire now. */
  firing(): Promise<readonly string[]>
  stop(): Promise<void>
}>

/**
 * A Prometheus with our alerts, in which every minute is a second, and an hour 20.
 *
 * @param targets host and port of what it scrapes, asked anew each second
 */
export async function startPrometheus(targets: () => readonly string[]): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-prometheus-'))
  const inDirectory = (file: string) => join(directory, file)
  const writeTargets = () => writeFile(inDirectory('targets.json'), JSON.stringify([{ targets: targets() }]))
  await writeTargets()
  await writeFile(
    inDirectory('rules.yaml'),
    stringify({ groups: ruleGroups() }).replaceAll(MINUTE, '$1s').replaceAll(HOUR, '20s'),
  )
  await writeFile(
    inDirectory('prometheus.yaml'),
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: [
        { job_name: 'whatsapp', file_sd_configs: [{ files: ['targets.json'], refresh_interval: '1s' }] },
      ],
    }),
  )
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const running = await startReadyProcess({
    name: 'prometheus',
    command: {
      file: binaryPath('prometheus') ?? '',
      args: [
        `--config.file=${inDirectory('prometheus.yaml')}`,
        `--storage.tsdb.path=${inDirectory('data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      env: {},
    },
    logFile: inDirectory('log'),
    stopTimeoutMs: 10_000,
    readyTimeoutMs: 30_000,
    isReady: async () => {
      const response = await fetch(`${url}/-/ready`).catch(() => undefined)
      return response?.ok === true
    },
  })
  const timer = setInterval(() => void writeTargets(), 1000)
  const alerts = async () => Alerts.parse(await (await fetch(`${url}/api/v1/alerts`)).json()).data.alerts
  return {
    stateOf: async (name) => (await alerts()).find(({ labels }) => labels.alertname === name)?.state,
    firing: async () =>
      (await alerts()).filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname),
    stop: async () => {
      clearInterval(timer)
      await running.stop()
      await rm(directory, { recursive: true })
    },
  }
}

const Alerts = z.object({
  data: z.object({
    alerts: z.array(
      z.object({ labels: z.looseObject({ alertname: z.string() }), state: z.enum(['pending', 'firing']) }),
    ),
  }),
})
