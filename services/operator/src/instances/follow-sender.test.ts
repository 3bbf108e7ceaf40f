import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFollowSender } from './follow-sender.ts'
import { viewFor } from './instance-for-test.ts'
import type { InstanceView } from './plan-instance.ts'
import { createSenderApi } from './sender-api.ts'
import { serveForTest } from './serve-for-test.ts'

test('tells of each instance that has moved, come or gone since the last look, on whatever page, and of nothing else', async () => {
  const pauses = { holding: { reason: 'quiet-hours' as const } }
  const looks = [
    [viewFor({ name: 'a' }), viewFor({ name: 'b' }), viewFor({ name: 'c' })],
    [viewFor({ name: 'a', ...pauses }), viewFor({ name: 'b', state: 'open' }), viewFor({ name: 'd' })],
  ]
  const kept: (readonly string[])[] = []
  const moved: string[][] = []
  let heard: string[] = []
  const done = Promise.withResolvers<void>()
  const baseUrl = await serveForTest((req, res) => {
    const cursor = new URL(req.url ?? '', 'http://api').searchParams.get('cursor')
    res.writeHead(200, { 'content-type': 'application/json' })
    res.end(JSON.stringify(pageOf(looks[kept.length] ?? [], cursor)))
  })
  const api = createSenderApi({
    find: async () => ({ baseUrl, token: 't' }),
    unreachable: () => ({ reason: 'ApiUnreachable', message: 'away' }),
    onCalled: () => {},
    onAnswering: () => {},
  })
  const follower = createFollowSender({
    api,
    pauseMs: () => (kept.length < looks.length ? 0 : 60_000),
    onMoved: (name) => heard.push(name),
    onKept: async (names) => {
      kept.push(names)
      moved.push(heard.toSorted())
      heard = []
      if (kept.length === looks.length) done.resolve()
    },
    onError: done.reject,
  })
  follower.start()
  await done.promise
  await follower.stop()
  assert.deepEqual(moved, [[], ['b', 'c', 'd']])
  assert.deepEqual(kept, [
    ['a', 'b', 'c'],
    ['a', 'b', 'd'],
  ])
})

/** Of one instance each. */
function pageOf(all: readonly InstanceView[], cursor: string | null) {
  const from = cursor === null ? 0 : all.findIndex(({ name }) => name === cursor) + 1
  const next = from + 1 < all.length ? all[from]?.name : null
  return { data: all.slice(from, from + 1), next }
}
