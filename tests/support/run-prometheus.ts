import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prometheusCommand } from '@whatsapp-sender/sandbox/observe/prometheus-command'
import { CONFIG_FILE } from '@whatsapp-sender/sandbox/observe/prometheus-files'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { startReadyProcess } from '@whatsapp-sender/sandbox/process/ready-process'
import { answersOk } from '@whatsapp-sender/sandbox/startup/http-probe'
import { stringify } from 'yaml'
import { binaryPath } from './kubernetes.ts'

/** As a file of targets has it. */
export type TargetGroup = Readonly<{ targets: readonly string[]; labels: Readonly<Record<string, string>> }>

/**
 * A real Prometheus in a folder of its own, which goes with it.
 * @param groups what it scrapes, asked anew each second
 * @param scrape besides, of the one job
 * @param files by name, beside its configuration
 */
export async function runPrometheus({
  groups,
  scrape,
  config,
  files = {},
}: Readonly<{
  groups(): readonly TargetGroup[]
  scrape: Readonly<{ job_name: string; relabel_configs?: readonly object[] }>
  config: Readonly<{ global: object; rule_files?: readonly string[] }>
  files?: Readonly<Record<string, string>>
}>): Promise<Readonly<{ url: string; stop(): Promise<void> }>> {
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-prometheus-'))
  const inDirectory = (file: string) => join(directory, file)
  const writeTargets = async () => {
    // It may be reading.
    await writeFile(inDirectory('targets.new'), JSON.stringify(groups()))
    await rename(inDirectory('targets.new'), inDirectory('targets.json'))
  }
  await writeTargets()
  for (const [name, text] of Object.entries(files)) await writeFile(inDirectory(name), text)
  const found = { files: ['targets.json'], refresh_interval: '1s' }
  const scrape_configs = [{ ...scrape, file_sd_configs: [found] }]
  await writeFile(inDirectory(CONFIG_FILE), stringify({ ...config, scrape_configs }))
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const running = await startReadyProcess({
    name: 'prometheus',
    command: prometheusCommand(
      { kind: 'binary', file: binaryPath('prometheus') ?? '' },
      { directory, host: '127.0.0.1', port, env: {} },
    ),
    logFile: inDirectory('log'),
    stopTimeoutMs: 10_000,
    readyTimeoutMs: 60_000,
    isReady: () => answersOk(`${url}/-/ready`),
  })
  const timer = setInterval(() => void writeTargets(), 1000)
  return {
    url,
    stop: async () => {
      clearInterval(timer)
      await running.stop()
      await rm(directory, { recursive: true })
    },
  }
}
