import { join } from 'node:path'
import { nodeCommand } from '@whatsapp-sender/sandbox/process/node-command'
import { startReadyProcess } from '@whatsapp-sender/sandbox/process/ready-process'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'

const READY_TIMEOUT_MS = 60_000

/** Runs one of the project's programs as production would; resolves when `readyUrl` answers 2xx. */
export function startProgram(o: {
  name: string
  main: string
  env: Readonly<Record<string, string>>
  readyUrl: string
  logDir: string
}): Promise<RunningProcess> {
  return startReadyProcess({
    name: o.name,
    command: nodeCommand(o.main, { PATH: process.env['PATH'] ?? '', ...o.env }),
    logFile: join(o.logDir, `${o.name}.log`),
    stopTimeoutMs: 100_000,
    readyTimeoutMs: READY_TIMEOUT_MS,
    isReady: () => isOk(o.readyUrl),
  })
}

async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}
