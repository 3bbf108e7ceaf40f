import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { constants, mkdir, open, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export type Command = Readonly<{
  file: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  cwd?: string
}>

export type Exit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>

export type RunningProcess = Readonly<{
  pid: number
  /** Settles when the process has ended, whoever ended it. */
  exited: Promise<Exit>
  /** SIGTERM, then SIGKILL after `stopTimeoutMs`. */
  stop(): Promise<Exit>
  /** What it printed last. */
  lastLines(count: number): Promise<string>
}>

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) {
    child.kill('SIGTERM')
    // One that was frozen hears nothing until then.
    child.kill('SIGCONT')
  }
})

/** Starts a process that prints into `logFile`, in a process group of its own: a Ctrl-C reaches only its parent. */
export async function startProcess(o: {
  command: Command
  logFile: string
  stopTimeoutMs: number
}): Promise<RunningProcess> {
  await mkdir(dirname(o.logFile), { recursive: true })
  const log = await open(o.logFile, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY)
  try {
    const { file, args } = endingWithParent(o.command)
    const child = spawn(file, args, {
      cwd: o.command.cwd,
      env: o.command.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    const exited = exitOf(child)
    await once(child, 'spawn')
    if (child.pid === undefined) throw new Error(`${o.command.file} has no pid`)
    alive.add(child)
    void exited.then(() => alive.delete(child))
    return {
      pid: child.pid,
      exited,
      stop: () => stop(child, exited, o.stopTimeoutMs),
      lastLines: (count) => lastLines(o.logFile, count),
    }
  } finally {
    await log.close()
  }
}

/**
 * On Linux the kernel ends the process when this one is gone, even by SIGKILL; elsewhere only the lock on a data
 * directory tells of an orphan.
 */
function endingWithParent(command: Command): { file: string; args: readonly string[] } {
  const setpriv = process.platform === 'linux' ? findOnPath('setpriv', command.env['PATH'] ?? '') : undefined
  if (setpriv === undefined) return command
  return { file: setpriv, args: ['--pdeathsig', 'TERM', command.file, ...command.args] }
}

export function findOnPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((file) => existsSync(file))
}

function exitOf(child: ChildProcess): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  child.once('exit', (code, signal) => resolve({ code, signal }))
  return promise
}

async function stop(child: ChildProcess, exited: Promise<Exit>, timeoutMs: number): Promise<Exit> {
  child.kill('SIGTERM')
  // A frozen process takes its SIGTERM only after it goes on.
  child.kill('SIGCONT')
  const timeout = new AbortController()
  const killed = sleep(timeoutMs, undefined, { signal: timeout.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  )
  const exit = await exited
  timeout.abort()
  await killed
  return exit
}

async function lastLines(logFile: string, count: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
