import { readdir, readFile, readlink } from 'node:fs/promises'
import type { System } from '../support/system.ts'
import type { ProcessSample } from './history.ts'

/**
 * What each program of the system holds now; those that have ended are left out. Connections that others made to it are
 * not counted as its handles: they are kept for a minute, as many as there were callers. On Linux only.
 */
export async function sampleProcesses(system: Pick<System, 'programs'>): Promise<ProcessSample[]> {
  const sockets = parseSockets(await readFile('/proc/net/tcp', 'utf8').catch(() => ''))
  const samples = await Promise.all(system.programs().map((program) => sampleOf(program, sockets)))
  return samples.flat()
}

async function sampleOf(
  { name, pid }: Readonly<{ name: string; pid: number }>,
  sockets: ReadonlyMap<string, Socket>,
): Promise<ProcessSample[]> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const rssKb = /^VmRSS:\s+(\d+)/m.exec(status)?.[1]
    if (rssKb === undefined) return []
    const handles = await readdir(`/proc/${pid}/fd`)
    const targets = await Promise.all(handles.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    const own = targets.flatMap((target) => sockets.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '') ?? [])
    const listening = new Set(own.flatMap(({ port, listens }) => (listens ? port : [])))
    const inbound = own.filter(({ port, listens }) => !listens && listening.has(port)).length
    return [{ at: Date.now(), name, pid, rssMb: Number(rssKb) / 1024, handles: handles.length - inbound }]
  } catch {
    return []
  }
}

type Socket = Readonly<{ port: string; listens: boolean }>

const LISTEN = '0A'
/** As in /proc/net/tcp: place, local address, remote address, state, …, inode. */
const COLUMN = { local: 1, state: 3, inode: 9 } as const

/** Inode → socket. */
function parseSockets(table: string): Map<string, Socket> {
  const sockets = new Map<string, Socket>()
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    const inode = columns[COLUMN.inode]
    const port = columns[COLUMN.local]?.split(':')[1]
    if (inode === undefined || inode === '0' || port === undefined) continue
    sockets.set(inode, { port, listens: columns[COLUMN.state] === LISTEN })
  }
  return sockets
}
