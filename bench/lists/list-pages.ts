import { z } from 'zod'
import { percentileOf } from '../statistics.ts'
import type { RestClient } from '../system/rest-client.ts'
import type { Asked } from './asked-lists.ts'
import { momentAt, type RowPlan } from './row-plan.ts'

const PAGE_ROWS = 100

/** Where in a list, as a share of it. */
export type Depth = keyof typeof DEPTHS
const DEPTHS = { first: undefined, middle: [0.4, 0.6], deep: [0.75, 0.85], any: [0, 0.85] } as const

export type Measured = Readonly<{ p50Ms: number; p99Ms: number; maxMs: number; faults: readonly string[] }>

const Page = z.object({ data: z.array(z.record(z.string(), z.unknown())), next: z.string().nullable() })

/**
 * So many pages of a list, one after the other, each from a place of its own, and how long each took until it was read
 * and parsed. Places follow one another as a golden section jumps: none is next to the one before.
 */
export async function measurePages(
  client: RestClient,
  plan: RowPlan,
  { asked, depth, pages }: Readonly<{ asked: Asked; depth: Depth; pages: number }>,
): Promise<Measured> {
  const times: number[] = []
  const faults: string[] = []
  const [from, to] = DEPTHS[depth] ?? [0, 0]
  for (let n = 0; n < pages; n++) {
    const place = from + ((n * 0.618_034) % 1) * (to - from)
    const before = asked.by === 'cursor' && depth !== 'first' ? momentAt(plan, place).getTime() : undefined
    const cursor = before === undefined ? {} : { cursor: `${before.toString(36)}@${asked.highestId}` }
    const wanted = asked.queryAt(place)
    const query = new URLSearchParams({ ...wanted, limit: `${PAGE_ROWS}`, ...cursor })
    const startedAt = performance.now()
    // One that takes the database longer than a request may is refused.
    const answer = await client.call('GET', `${asked.path}?${query.toString()}`, undefined, 200).catch(String)
    times.push(performance.now() - startedAt)
    const page = Page.safeParse(answer)
    const fault = page.success
      ? faultOf(page.data, { asked, wanted, before: before ?? Number.POSITIVE_INFINITY })
      : String(answer).slice(0, 200)
    if (fault !== undefined) faults.push(`${asked.name}, ${depth}: ${fault}`)
  }
  const [p50Ms = 0, p99Ms = 0, maxMs = 0] = [0.5, 0.99, 1].map((share) => Number(percentileOf(times, share).toFixed(1)))
  return { p50Ms, p99Ms, maxMs, faults }
}

/** Fields of a row that show what it was asked by. */
const SHOWN = ['instance', 'to', 'campaign', 'batch', 'reference', 'status', 'state', 'user', 'by', 'target'] as const

function faultOf(
  { data, next }: z.infer<typeof Page>,
  { asked, wanted, before }: Readonly<{ asked: Asked; wanted: Readonly<Record<string, string>>; before: number }>,
): string | undefined {
  if (asked.isIndexed && (data.length < PAGE_ROWS || next === null)) return `a page of ${data.length}, next ${next}`
  const wrong = data.find((row) => SHOWN.some((name) => wanted[name] !== undefined && row[name] !== wanted[name]))
  if (wrong !== undefined) return `a row that was not asked for: ${String(wrong['id'])}`
  const times = data.map((row) => Date.parse(String(row[asked.time])))
  return times.some((at, n) => !(at <= (times[n - 1] ?? before))) ? 'rows in another order' : undefined
}
