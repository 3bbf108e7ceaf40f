import type { LivingProcess, Processes } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'

/** By what the number of consumers is scaled; all of it as the living ones told last, at most 20 s ago. */
export type Scaling = Readonly<{
  /** Messages that lack nothing but a free slot. What waits for pace, schedule or its instance is not among them. */
  due: number
  /** Requests that all consumers together may have open at one Evolution server. */
  inFlightLimit: number
  /** `due` ÷ `inFlightLimit`: 1 is as much again as all of them can do at once. 0 when there is no consumer. */
  busy: number
  consumers: number
}>

/** Whoever scales asks every few seconds, of each API process. */
const KEPT_MS = 1000
const TIMEOUT_MS = 2000

/** @throws when the database does not answer in time: that nothing is known must not look as if nothing were due */
export function createReadScaling(o: {
  listProcesses: Processes['living']
  now?: () => number
}): () => Promise<Scaling> {
  const { now = () => performance.now() } = o
  let kept: { at: number; scaling: Promise<Scaling> } | undefined
  return () => {
    if (kept === undefined || now() - kept.at > KEPT_MS) kept = { at: now(), scaling: read() }
    return kept.scaling
  }

  async function read(): Promise<Scaling> {
    const living = await inTime(o.listProcesses(), TIMEOUT_MS)
    if (living.kind === 'done') return scalingOf(living.value)
    throw new Error('the consumers cannot be asked for', living.kind === 'failed' ? { cause: living.error } : {})
  }
}

function scalingOf(processes: readonly Pick<LivingProcess, 'due' | 'inFlightLimit'>[]): Scaling {
  const due = processes.reduce((sum, each) => sum + each.due, 0)
  const inFlightLimit = processes.reduce((sum, each) => sum + (each.inFlightLimit ?? 0), 0)
  return { due, inFlightLimit, busy: inFlightLimit === 0 ? 0 : due / inFlightLimit, consumers: processes.length }
}
