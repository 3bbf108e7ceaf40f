import { startReadyProcess } from '../process/ready-process.ts'
import { runLocked } from '../process/run-locked.ts'
import type { RunningProcess } from '../process/running-process.ts'
import type { PrometheusProgram } from './find-prometheus.ts'
import { MACHINE_OF_CONTAINER, prometheusCommand, reachesLoopback } from './prometheus-command.ts'
import { type ScrapeTarget, writePrometheusFiles } from './prometheus-files.ts'

const STOP_TIMEOUT_MS = 15_000
const READY_TIMEOUT_MS = 60_000
/** The image may have to be fetched. */
const CONTAINER_READY_TIMEOUT_MS = 300_000

/** A Prometheus that scrapes the targets and knows our alerts; its data stay in `directory`. Resolves when it is ready. */
export function startPrometheus(o: {
  program: PrometheusProgram
  directory: string
  host: string
  port: number
  targets: readonly ScrapeTarget[]
  isReady(): Promise<boolean>
  logFile: string
  env: NodeJS.ProcessEnv
  signal?: AbortSignal | undefined
}): Promise<RunningProcess> {
  const { program, directory } = o
  return runLocked(directory, async (lock) => {
    await writePrometheusFiles(directory, o.targets.map(seenFrom(program)))
    return startReadyProcess({
      name: 'prometheus',
      command: prometheusCommand(program, o),
      logFile: o.logFile,
      stopTimeoutMs: STOP_TIMEOUT_MS,
      readyTimeoutMs: program.kind === 'container' ? CONTAINER_READY_TIMEOUT_MS : READY_TIMEOUT_MS,
      isReady: () => o.isReady(),
      signal: o.signal,
      onSpawned: (pid) => lock.nameServer(pid),
    })
  })
}

function seenFrom(program: PrometheusProgram): (target: ScrapeTarget) => ScrapeTarget {
  if (reachesLoopback(program)) return (target) => target
  return ({ job, address }) => ({ job, address: address.replace(/^.*:/, `${MACHINE_OF_CONTAINER}:`) })
}
