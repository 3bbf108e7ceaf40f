import type { RunLogs } from './history.ts'
import type { Violation } from './violation.ts'

const MINUTE_MS = 60_000
const GROWTH_MAX_MB = 150
/** Idle connections to others are kept for a while: this is above the most that the rows open at once. */
const HANDLES_MAX = 300

/** The gateway times what arrives: a request that was begun in time may come so much later, on top of the next ones. */
const WAY_MS = 200

/** I6: in any second an instance begins at most its limit and its burst. */
export function findTooFast({ paces, requests }: RunLogs): Violation[] {
  return Object.entries(paces).flatMap(([instance, { perMinute, burst }]) => {
    const begun = requests.filter((each) => each.instance === instance).map(({ at }) => at)
    begun.sort((a, b) => a - b)
    const max = (perMinute / MINUTE_MS) * (1000 + WAY_MS) + burst
    const fullest = begun.reduce<readonly number[]>((most, from, n) => {
      const here = begun.slice(n, n + countUntil(begun, n, from + 1000))
      return here.length > most.length ? here : most
    }, [])
    if (fullest.length <= max) return []
    const after = fullest.map((at) => at - (fullest[0] ?? 0)).join(', ')
    const what = `${instance} began ${fullest.length} sends in a second, ${Math.floor(max)} allowed: after ${after} ms`
    return [{ invariant: 'I6', what }]
  })
}

function countUntil(times: readonly number[], from: number, until: number): number {
  let end = from
  while ((times[end] ?? until) < until) end += 1
  return end - from
}

/** I9: once quiet, a process holds about what it held when it began. */
export function findGrowth({ processes, quietAt }: RunLogs): Violation[] {
  if (quietAt === undefined) return []
  return [...Map.groupBy(processes, ({ pid }) => pid).values()].flatMap((samples) => {
    const first = samples[0]
    const last = samples.at(-1)
    if (first === undefined || last === undefined || last.at < quietAt) return []
    const grown = last.rssMb - first.rssMb
    const handles = last.handles - first.handles
    const name = `${first.name} (${first.pid})`
    return [
      ...(grown > GROWTH_MAX_MB ? [{ invariant: 'I9' as const, what: `${name} grew by ${grown.toFixed(0)} MB` }] : []),
      ...(handles > HANDLES_MAX ? [{ invariant: 'I9' as const, what: `${name} holds ${handles} handles more` }] : []),
    ]
  })
}
