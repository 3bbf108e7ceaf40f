import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatTraceparent, newSpanIn, newTrace, parseTraceparent, traceIdOf } from './trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

test('reads what the recommendation gives as an example, and only its flag for sampling', () => {
  const context = { traceId: TRACE, spanId: SPAN }
  assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-01`), { ...context, isSampled: true })
  assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-fe`), { ...context, isSampled: false })
  assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-03`), { ...context, isSampled: true })
})

test('reads what a later version has in common with this one, and nothing that is no version', () => {
  const context = { traceId: TRACE, spanId: SPAN, isSampled: true }
  assert.deepEqual(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`), context)
  assert.equal(parseTraceparent(`cc-${TRACE}-${SPAN}-01.`), undefined)
  assert.equal(parseTraceparent(`00-${TRACE}-${SPAN}-01-more`), undefined)
  assert.equal(parseTraceparent(`ff-${TRACE}-${SPAN}-01`), undefined)
})

test('takes nothing else, whatever it is', () => {
  for (const text of [
    '',
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
    `00-${TRACE}-${SPAN}-1`,
    // What Node.js makes of two headers of the name.
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    `cc-${TRACE}-${SPAN}-01-${'x'.repeat(1000)}`,
  ])
    assert.equal(parseTraceparent(text), undefined, text)
  fc.assert(fc.property(fc.string(), (text) => parseTraceparent(text) === undefined))
})

test('what is written is read back, in 55 characters, with the trace where a log line takes it from', () => {
  for (const context of [newTrace(true), newTrace(false), newSpanIn(newTrace(true))]) {
    const text = formatTraceparent(context)
    assert.equal(text.length, 55)
    assert.deepEqual(parseTraceparent(text), context)
    assert.equal(traceIdOf(text), context.traceId)
  }
  assert.equal(traceIdOf(undefined), undefined)
})

test('a span in a trace differs from its parent in its own id only', () => {
  const parent = newTrace(true)
  const { spanId, ...rest } = newSpanIn(parent)
  assert.deepEqual({ ...rest, spanId: parent.spanId }, parent)
  assert.notEqual(spanId, parent.spanId)
})
