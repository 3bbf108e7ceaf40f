import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KubernetesError } from './kubernetes-error.ts'
import { readWatchEvents, type WatchEvent } from './watch-events.ts'

test('events are the same wherever the connection cuts them into chunks', async () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(name, { maxLength: 10 }),
      fc.array(fc.nat(400), { maxLength: 20 }),
      async (names, cuts) => {
        const bytes = Buffer.from(names.map((n) => `${JSON.stringify(added(n))}\n`).join(''))
        const events = await read(chunksOf(bytes, cuts))
        assert.deepEqual(
          events.map((event) => (event.type === 'BOOKMARK' ? undefined : event.object.metadata.name)),
          names,
        )
      },
    ),
  )
})

test('a line that the end of the connection cuts off is no event', async () => {
  const events = await read([Buffer.from(`${JSON.stringify(added('a'))}\n{"type":"ADDED","obj`)])
  assert.equal(events.length, 1)
})

test('a bookmark tells its version, and an error is thrown with its status', async () => {
  const bookmark = { type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '12' } } }
  assert.deepEqual(await read([Buffer.from(`${JSON.stringify(bookmark)}\n`)]), [
    { type: 'BOOKMARK', resourceVersion: '12' },
  ])
  const error = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } }
  await assert.rejects(read([Buffer.from(`${JSON.stringify(error)}\n`)]), (thrown: unknown) => {
    assert.ok(thrown instanceof KubernetesError)
    assert.equal(thrown.status, 410)
    return true
  })
})

function added(name: string) {
  return { type: 'ADDED', object: { apiVersion: 'v1', kind: 'Pod', metadata: { name } } }
}

function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

async function read(chunks: readonly Uint8Array[]): Promise<WatchEvent[]> {
  async function* stream() {
    yield* chunks
  }
  const events: WatchEvent[] = []
  for await (const event of readWatchEvents(stream(), 'watch')) events.push(event)
  return events
}
