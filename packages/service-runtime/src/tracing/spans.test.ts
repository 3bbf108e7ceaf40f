import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSpans, type FinishedSpan } from './spans.ts'
import { formatTraceparent, newTrace, parseTraceparent } from './trace-context.ts'

const START = { name: 'step', kind: 'client', startedAt: 1000 } as const
const END = { endedAt: 1500 }
const KEPT = newTrace(true)
const NOT_KEPT = newTrace(false)

test('a span in a sampled trace is exported when it ends, with all that was known at its beginning and its end', () => {
  const { spans, added } = watched({ sample: () => false })
  const other = newTrace(true)
  const span = spans.begin({
    ...START,
    parent: formatTraceparent(KEPT),
    attributes: { a: 1, b: 'begun' },
    links: [formatTraceparent(other), 'no link'],
  })
  assert.equal(added.length, 0)
  span.end({ ...END, attributes: { b: 'ended' }, error: 'broken' })
  const context = parseTraceparent(span.traceparent)
  assert.deepEqual(added, [
    {
      ...START,
      ...END,
      context,
      parent: KEPT,
      links: [other],
      attributes: { a: 1, b: 'ended' },
      error: 'broken',
    },
  ])
  assert.equal(context?.traceId, KEPT.traceId)
})

test('of a trace that is not sampled only what must always be kept is exported, under the same trace', () => {
  const { spans, added } = watched({ sample: () => true })
  const parent = formatTraceparent(NOT_KEPT)
  spans.begin({ ...START, parent }).end(END)
  spans.record({ ...START, ...END, parent })
  assert.equal(added.length, 0)
  spans.record({ ...START, ...END, parent, isAlwaysKept: true })
  spans.begin({ ...START, parent }).end({ ...END, isAlwaysKept: true })
  assert.deepEqual(
    added.map(({ context, parent: of }) => [context.traceId, of]),
    [
      [NOT_KEPT.traceId, NOT_KEPT],
      [NOT_KEPT.traceId, NOT_KEPT],
    ],
  )
})

test('the first span of a trace decides, and what is begun in it goes by that', () => {
  for (const isSampled of [true, false]) {
    const { spans, added } = watched({ sample: () => isSampled })
    const first = spans.begin(START)
    const second = spans.begin({ ...START, parent: first.traceparent })
    second.end(END)
    first.end(END)
    assert.equal(added.length, isSampled ? 2 : 0)
    assert.equal(parseTraceparent(first.traceparent)?.isSampled, isSampled)
    assert.equal(parseTraceparent(second.traceparent)?.isSampled, isSampled)
  }
})

test("a caller's trace is joined, and his flag is a question, not an order", () => {
  const asked: boolean[] = []
  const { spans, added } = watched({
    sample: ({ isAsked }) => {
      asked.push(isAsked)
      return !isAsked
    },
  })
  spans.begin({ ...START, caller: formatTraceparent(KEPT) }).end(END)
  spans.begin({ ...START, caller: formatTraceparent(NOT_KEPT) }).end(END)
  spans.begin({ ...START, caller: 'garbage' }).end(END)
  assert.deepEqual(asked, [true, false, false])
  assert.deepEqual(
    added.map(({ parent }) => parent),
    [NOT_KEPT, undefined],
  )
  assert.equal(added[0]?.context.traceId, NOT_KEPT.traceId)
})

test('no span ends before it began, whatever the clocks say', () => {
  const { spans, added } = watched({ sample: () => true })
  spans.begin(START).end({ endedAt: 10 })
  assert.equal(added[0]?.endedAt, START.startedAt)
})

function watched({ sample }: Pick<Parameters<typeof createSpans>[0], 'sample'>) {
  const added: FinishedSpan[] = []
  return { spans: createSpans({ sample, add: (span) => void added.push(span) }), added }
}
