import { readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100
const MIB = 1024

/** CPU seconds a process has used so far, all threads; undefined where there is no `/proc`. */
export function cpuSecondsOf(pid: number | undefined): number | undefined {
  const stat = readProc(pid, 'stat')
  // The name in parentheses may hold anything; what follows it is made of fields.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields === undefined) return undefined
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory in MiB: now, and the most it ever was. */
export function memoryOf(pid: number): Readonly<{ nowMib: number; peakMib: number }> | undefined {
  const status = readProc(pid, 'status')
  const mib = (field: string) =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status ?? '')?.[1]) / MIB)
  return status === undefined ? undefined : { nowMib: mib('VmRSS'), peakMib: mib('VmHWM') }
}

function readProc(pid: number | undefined, file: string): string | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
