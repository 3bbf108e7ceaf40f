import { PassThrough } from 'node:stream'
import { type EventData, run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'

/** `waiting`: what starts systems and then mostly waits for them. */
export type GroupKind = 'busy' | 'waiting'

/** The file that a process runs, and what to expect of it. */
export type GroupToRun = Readonly<{ entry: string; kind: GroupKind }>

/**
 * Each lane runs one group after the other, from the first of its kinds of which one is left. Two that wait and one that
 * is busy keep two cores busy and no more: what measures seconds must not wait for its turn.
 */
const LANES = { first: ['waiting', 'busy'], second: ['waiting', 'busy'], third: ['busy', 'waiting'] } as const

type Counts = EventData.TestSummary['counts']

/** Runs every group in a process of its own. The events are those of one run of Node's test runner over all of them. */
export function runGroups(
  groups: readonly GroupToRun[],
  { execArgv, signal }: Readonly<{ execArgv: readonly string[]; signal: AbortSignal }>,
): PassThrough {
  const events = new PassThrough({ objectMode: true })
  const left = [...groups]
  const startedAt = performance.now()
  const summaries: EventData.TestSummary[] = []

  const takeOne = (kinds: readonly GroupKind[]): GroupToRun | undefined => {
    const kind = kinds.find((each) => left.some((group) => group.kind === each))
    const at = left.findIndex((group) => group.kind === kind)
    return at === -1 ? undefined : left.splice(at, 1)[0]
  }
  const tell = (event: TestEvent): void => {
    const ofRun = summaryOfRun(event)
    if (ofRun !== undefined) summaries.push(ofRun)
    else if (!isSaidOfRun(event)) events.write(event)
  }
  const runNext = async (kinds: readonly GroupKind[]): Promise<boolean> => {
    const group = signal.aborted ? undefined : takeOne(kinds)
    if (group === undefined) return false
    const running = run({ files: [group.entry], concurrency: 1, execArgv, signal })
    for await (const whole of wholeTests(running)) for (const event of whole) tell(event)
    return true
  }
  const runLane = async (kinds: readonly GroupKind[]): Promise<void> => {
    while (await runNext(kinds));
  }
  const runFirstAndThird = async (): Promise<void> => {
    // The first group has one neighbour only: it has systems enough of its own.
    await runNext(LANES.first)
    await Promise.all([runLane(LANES.first), runLane(LANES.third)])
  }
  const runAll = async (): Promise<void> => {
    await Promise.all([runFirstAndThird(), runLane(LANES.second)])
    for (const event of summedUp(summaries, performance.now() - startedAt)) events.write(event)
    events.end()
  }
  runAll().catch((error: unknown) => events.destroy(error instanceof Error ? error : new Error(String(error))))
  return events
}

/** A reporter cannot tell apart what comes between the events of one test: those of each stay together. */
async function* wholeTests(events: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent[]> {
  let open: TestEvent[] = []
  for await (const event of events) {
    open.push(event)
    const hasEnded = event.type === 'test:pass' || event.type === 'test:fail'
    if (!hasEnded || event.data.nesting > 0) continue
    yield open
    open = []
  }
  yield open
}

function summaryOfRun({ type, data }: TestEvent): EventData.TestSummary | undefined {
  return type === 'test:summary' && data.file === undefined ? data : undefined
}

function isSaidOfRun({ type, data }: TestEvent): boolean {
  return (type === 'test:diagnostic' || type === 'test:plan') && data.nesting === 0 && data.file === undefined
}

/** What Node's runner says at its end, of all runs together. */
function summedUp(summaries: readonly EventData.TestSummary[], duration_ms: number): TestEvent[] {
  const sum = (of: keyof Counts) => summaries.reduce((total, { counts }) => total + counts[of], 0)
  const [tests, suites, topLevel] = [sum('tests'), sum('suites'), sum('topLevel')]
  const [passed, cancelled, skipped, todo] = [sum('passed'), sum('cancelled'), sum('skipped'), sum('todo')]
  const failed = tests - passed - cancelled - skipped - todo
  const said = { tests, suites, pass: passed, fail: failed, cancelled, skipped, todo, duration_ms }
  const counts = { tests, suites, topLevel, passed, cancelled, skipped, todo }
  const success = summaries.length > 0 && summaries.every((each) => each.success)
  return [
    ...Object.entries(said).map(([name, count]) => ({
      type: 'test:diagnostic' as const,
      data: { nesting: 0, message: `${name} ${count}`, level: 'info' as const },
    })),
    { type: 'test:summary', data: { counts, duration_ms, file: undefined, success } },
  ]
}
