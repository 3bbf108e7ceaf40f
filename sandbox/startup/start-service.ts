import { join } from 'node:path'
import { nodeCommand } from '../process/node-command.ts'
import { startReadyProcess } from '../process/ready-process.ts'
import { runLocked } from '../process/run-locked.ts'
import type { RunningProcess } from '../process/running-process.ts'
import { answersOk } from './http-probe.ts'
import { locations } from './locations.ts'

const READY_TIMEOUT_MS = 60_000

/** Runs one of the project's own programs; resolves when `readyUrl` answers 2xx. */
export function startService(o: {
  name: string
  main: string
  env: NodeJS.ProcessEnv
  readyUrl: string
  stopTimeoutMs: number
  signal: AbortSignal
}): Promise<RunningProcess> {
  return runLocked(join(locations.services, o.name), (lock) =>
    startReadyProcess({
      name: o.name,
      command: nodeCommand(o.main, o.env),
      logFile: join(locations.logs, `${o.name}.log`),
      stopTimeoutMs: o.stopTimeoutMs,
      readyTimeoutMs: READY_TIMEOUT_MS,
      isReady: () => answersOk(o.readyUrl),
      signal: o.signal,
      onSpawned: (pid) => lock.nameServer(pid),
    }),
  )
}
