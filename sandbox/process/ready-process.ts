import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, type RunningProcess, startProcess } from './running-process.ts'

const POLL_INTERVAL_MS = 50
const LINES_SHOWN = 15

export class ProcessNotReadyError extends Error {
  override readonly name = 'ProcessNotReadyError'
  readonly code = 'process-not-ready'
  /** What the process printed last. */
  readonly lastLines: string
  constructor(message: string, lastLines: string) {
    super(`${message}\n${lastLines}`)
    this.lastLines = lastLines
  }
}

/**
 * Starts a process and waits until `isReady` says so; what does not become ready is stopped.
 * @throws {ProcessNotReadyError}
 */
export async function startReadyProcess(o: {
  name: string
  command: Command
  logFile: string
  stopTimeoutMs: number
  readyTimeoutMs: number
  isReady(): Promise<boolean>
  signal?: AbortSignal | undefined
  onSpawned?(pid: number): Promise<void>
}): Promise<RunningProcess> {
  const running = await startProcess(o)
  try {
    await o.onSpawned?.(running.pid)
    await untilReady(running, o)
    return running
  } catch (error) {
    await running.stop()
    throw error
  }
}

async function untilReady(
  running: RunningProcess,
  o: { name: string; readyTimeoutMs: number; isReady(): Promise<boolean>; signal?: AbortSignal | undefined },
): Promise<void> {
  let ended: string | undefined
  void running.exited.then(({ code, signal }) => {
    ended = signal === null ? `exit code ${code}` : signal
  })
  const deadline = performance.now() + o.readyTimeoutMs
  for (;;) {
    o.signal?.throwIfAborted()
    if (ended !== undefined) {
      throw new ProcessNotReadyError(`${o.name} ended while starting (${ended})`, await running.lastLines(LINES_SHOWN))
    }
    if (await o.isReady()) return
    if (performance.now() > deadline) {
      throw new ProcessNotReadyError(
        `${o.name} was not ready after ${o.readyTimeoutMs / 1000} s`,
        await running.lastLines(LINES_SHOWN),
      )
    }
    await sleep(POLL_INTERVAL_MS)
  }
}
