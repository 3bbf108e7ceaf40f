/** What a message meets of tracing when nothing is traced; the names are those of the code that it stands for. */
type Traces = Readonly<{ attempted(row: object, outcome: object): void }>

type Row = { id: string; traceparent: string | undefined }

const ROUNDS = 20
const MESSAGES = 2_000_000

/**
 * Nanoseconds per message that the comparisons with `undefined` cost which are there for tracing: the same loop with and
 * without them, in turns, and the middle of the differences.
 */
export function measureBranches(env: NodeJS.ProcessEnv): number {
  // From outside, so that nothing of it can be decided before it runs.
  const isTraced = env['BENCH_NEVER_SET'] !== undefined
  const traces: Traces | undefined = isTraced ? { attempted: () => {} } : undefined
  const rows = Array.from({ length: 1024 }, (_, n): Row => ({ id: String(n), traceparent: undefined }))
  const differences: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const without = timed(() => plain(rows))
    const withThem = timed(() => branching(rows, { traces, isTraced }))
    differences.push(((withThem - without) * 1e6) / MESSAGES)
  }
  return Math.max(0, differences.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0)
}

function timed(work: () => number): number {
  const startedAt = performance.now()
  const sum = work()
  const tookMs = performance.now() - startedAt
  if (sum === 0) throw new Error('the loop was left out')
  return tookMs
}

function plain(rows: readonly Row[]): number {
  let sum = 0
  for (let n = 0; n < MESSAGES; n++) {
    const row = rows[n & 1023]
    if (row !== undefined) sum += row.id.length
  }
  return sum
}

/** One by one: the record's header, the row of a lane, the outcome, the draft of an event, the post to a webhook. */
function branching(
  rows: readonly Row[],
  { traces, isTraced }: Readonly<{ traces: Traces | undefined; isTraced: boolean }>,
): number {
  let sum = 0
  for (let n = 0; n < MESSAGES; n++) {
    const row = rows[n & 1023]
    if (row === undefined) continue
    const record = isTraced ? { ...row, traceparent: row.id } : row
    const laneRow = { id: record.id, traceparent: record.traceparent }
    traces?.attempted(laneRow, row)
    if (laneRow.traceparent !== undefined) sum += 1
    if (traces !== undefined && record.traceparent !== undefined) sum += 1
    sum += laneRow.id.length
  }
  return sum
}
