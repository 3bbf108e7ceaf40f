import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { findOnPath } from '@whatsapp-sender/sandbox/process/running-process'

export type Role =
  /** What is measured. */
  | 'system'
  /** What makes or takes the load: this process, the gateway, the broker. */
  | 'load'

/** Where programs run. With `taskset` and two cores each role has its own; elsewhere the scheduler decides. */
export type Machine = Readonly<{
  isPinned: boolean
  description: string
  command(role: Role, file: string, args: readonly string[]): Readonly<{ file: string; args: readonly string[] }>
  /** Lets a process that is already running use every core. */
  unpin(pid: number): void
}>

const CORE_OF: Readonly<Record<Role, string>> = { system: '0', load: '1' }

/** Puts this process on the load's core: what it starts, unless it says otherwise, is load. */
export function prepareMachine(env: NodeJS.ProcessEnv): Machine {
  const cores = availableParallelism()
  const description = `${cores} × ${cpus()[0]?.model ?? 'unknown'}, ${process.platform}, Node.js ${process.version}`
  const taskset = process.platform === 'linux' && cores > 1 ? findOnPath('taskset', env['PATH'] ?? '') : undefined
  if (taskset === undefined) {
    return { isPinned: false, description, command: (_role, file, args) => ({ file, args }), unpin: () => {} }
  }
  const move = (pid: number, to: string): void => moveThreads(taskset, pid, to)
  move(process.pid, CORE_OF.load)
  return {
    isPinned: true,
    description,
    command: (role, file, args) => ({ file: taskset, args: ['-c', CORE_OF[role], file, ...args] }),
    unpin: (pid) => move(pid, `0-${cores - 1}`),
  }
}

/** A thread that ends between being listed and being moved is a failure to `taskset`. */
function moveThreads(taskset: string, pid: number, to: string, triesLeft = 5): void {
  try {
    execFileSync(taskset, ['-a', '-c', '-p', to, String(pid)], { stdio: 'ignore' })
  } catch (error) {
    if (triesLeft === 0) throw error
    moveThreads(taskset, pid, to, triesLeft - 1)
  }
}
