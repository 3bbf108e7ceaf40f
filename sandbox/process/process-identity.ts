import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A pid is used again after its process has ended; together with its start time it is not. */
export type ProcessIdentity = Readonly<{ pid: number; startedAt: string }>

/** Undefined when no such process runs; one that ended and waits for its parent counts as ended. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === 'linux' ? await startTimeFromProc(pid) : await startTimeFromPs(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identityOf(identity.pid))?.startedAt === identity.startedAt
}

async function startTimeFromProc(pid: number): Promise<string | undefined> {
  try {
    return startTimeOfStat(await readFile(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return undefined
  }
}

/** The start time of a line of /proc/PID/stat, in clock ticks since boot; undefined for an ended process. */
export function startTimeOfStat(stat: string): string | undefined {
  // The second field is the command in parentheses and may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

async function startTimeFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)])
    const line = stdout.trim()
    return line === '' || line.startsWith('Z') ? undefined : line.slice(line.indexOf(' ')).trim()
  } catch {
    return undefined
  }
}
