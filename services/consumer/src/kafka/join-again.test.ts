import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJoinAgain, type JoinAgain } from './join-again.ts'

test('a consumer that crashes while it joins again, and whose run ends as if nothing had been, joins once more', async () => {
  const { joinAgain, joins } = setUp([async () => void joinAgain(), async () => {}])
  await joinAgain()
  assert.equal(joins(), 2)
})

test('a join that fails is repeated, and told', async () => {
  const { joinAgain, joins, failures } = setUp([() => Promise.reject(new Error('no broker')), async () => {}])
  await joinAgain()
  assert.deepEqual([joins(), failures], [2, ['no broker']])
})

test('of crashes that come together one is joined again after', async () => {
  const { joinAgain, joins } = setUp([async () => {}, async () => {}])
  await Promise.all([joinAgain(), joinAgain(), joinAgain()])
  assert.equal(joins(), 1)
  await joinAgain()
  assert.equal(joins(), 2)
})

test('a process that stops joins no more', async () => {
  const { joinAgain, joins } = setUp([], { isStopped: true })
  await joinAgain()
  assert.equal(joins(), 0)
})

function setUp(
  runs: (() => Promise<void>)[],
  { isStopped = false } = {},
): Readonly<{ joinAgain: JoinAgain; joins(): number; failures: string[] }> {
  let joins = 0
  const failures: string[] = []
  const joinAgain = createJoinAgain({
    join: async () => {
      joins += 1
      await runs.shift()?.()
    },
    isStopped: () => isStopped,
    onFailed: (error) => failures.push(error instanceof Error ? error.message : ''),
    waitMs: 1,
  })
  return { joinAgain, joins: () => joins, failures }
}
