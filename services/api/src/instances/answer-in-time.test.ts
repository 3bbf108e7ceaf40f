import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerInTime } from './answer-in-time.ts'

test('what Evolution does not answer in time may have been done', async () => {
  const never = new Promise<{ done: true }>(() => {})
  const answer = await answerInTime(never, performance.now() + 10)
  assert.ok('failure' in answer)
  assert.equal(answer.failure.kind, 'ambiguous')
  assert.deepEqual(await answerInTime(Promise.resolve({ done: true }), performance.now() + 1000), { done: true })
})
