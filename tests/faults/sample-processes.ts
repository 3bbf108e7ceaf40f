import { readdir, readFile } from 'node:fs/promises'
import type { System } from '../support/system.ts'
import type { ProcessSample } from './history.ts'

/** What each program of the system holds now; those that have ended are left out. On Linux only. */
export async function sampleProcesses(system: Pick<System, 'programs'>): Promise<ProcessSample[]> {
  const samples = await Promise.all(
    system.programs().map(async ({ name, pid }) => {
      try {
        const status = await readFile(`/proc/${pid}/status`, 'utf8')
        const rssKb = /^VmRSS:\s+(\d+)/m.exec(status)?.[1]
        if (rssKb === undefined) return []
        const handles = (await readdir(`/proc/${pid}/fd`)).length
        return [{ at: Date.now(), name, pid, rssMb: Number(rssKb) / 1024, handles }]
      } catch {
        return []
      }
    }),
  )
  return samples.flat()
}
