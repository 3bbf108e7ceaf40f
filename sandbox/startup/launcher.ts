import { fullJitterMs } from '@whatsapp-sender/service-runtime'
import type { RunningProcess } from '../process/running-process.ts'
import { type Mishap, type Supervised, supervise } from '../supervisor/supervise.ts'
import { prettyLine } from './pretty-line.ts'
import { type Step, secondsSince, type Terminal } from './terminal.ts'

export type Launcher = Readonly<{
  /** Starts a part and keeps it running. `start` gets the process that died when it is called again. */
  launch<P extends RunningProcess>(
    name: string,
    o: { start: (o: StartOptions<P>) => Promise<P>; resultOf: (running: P) => string },
  ): Promise<P>
  /** Stops all parts, the last one first. */
  stopAll(): Promise<void>
  killAll(): void
}>

type StartOptions<P> = Readonly<{ previous: P | undefined; step: Step; signal: AbortSignal }>

const RESTART_BASE_MS = 1000
const RESTART_CAP_MS = 30_000
const silentStep: Step = { note: () => undefined }

export function createLauncher(terminal: Terminal, signal: AbortSignal): Launcher {
  const started: { name: string; supervised: Supervised }[] = []
  return {
    async launch(name, { start, resultOf }) {
      signal.throwIfAborted()
      const first = await terminal.step(name, (step) => start({ previous: undefined, step, signal }), resultOf)
      const supervised = supervise(first, {
        restart: (previous, stopping) => start({ previous, step: silentStep, signal: stopping }),
        restartDelayMs: (attempt) => fullJitterMs({ attempt, baseMs: RESTART_BASE_MS, capMs: RESTART_CAP_MS }),
        onMishap: (mishap) => terminal.print(describe(name, mishap)),
      })
      started.push({ name, supervised })
      return first
    },
    async stopAll() {
      if (started.length === 0) return
      terminal.print('\nStopping… sends that are open end first; Ctrl-C again does not wait for them.')
      const startedAt = performance.now()
      for (const { name, supervised } of started.toReversed()) {
        await supervised.stop()
        terminal.print(`  ${name} stopped`)
      }
      terminal.print(`Everything stopped in ${secondsSince(startedAt)}`)
    },
    killAll() {
      for (const { supervised } of started) kill(supervised.pid())
    },
  }
}

function describe(name: string, mishap: Mishap): string {
  switch (mishap.kind) {
    case 'died': {
      const { code, signal } = mishap.exit
      return `${name} died (${signal ?? `exit code ${code}`}) and will be started again. It said last:\n${indent(mishap.lastLines.split('\n').map(prettyLine).join('\n'))}`
    }
    case 'restarted':
      return `${name} runs again after ${(mishap.afterMs / 1000).toFixed(1)} s`
    case 'restart-failed':
      return `${name} could not be started again, next try follows: ${messageOf(mishap.error)}`
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
