import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as flush } from 'node:timers/promises'
import type { ObjectReference } from './kubernetes-object.ts'
import { createSecretPoll } from './secret-poll.ts'

const EVERY_MS = 10_000

test('whoever reads a Secret is told when it has changed, come or gone, and nobody else is', async (t) => {
  const world = createWorld(t, { mongo: '1', mail: '1' })
  world.poll.follow(
    'test/a',
    new Map([
      ['mongo', '1'],
      ['absent', undefined],
    ]),
  )
  world.poll.follow('test/b', new Map([['mail', '1']]))
  await world.rounds(2)
  assert.deepEqual(world.told, [])
  world.versions.set('mongo', '2')
  await world.rounds(2)
  assert.deepEqual(new Set(world.told), new Set(['test/a']))
  world.poll.follow(
    'test/a',
    new Map([
      ['mongo', '2'],
      ['absent', undefined],
    ]),
  )
  world.versions.set('absent', '3')
  world.versions.delete('mail')
  await world.rounds(2)
  assert.deepEqual(new Set(world.told), new Set(['test/a', 'test/b']))
})

test('a Secret is asked for once a round however many read it, and never when nobody does', async (t) => {
  const world = createWorld(t, { mongo: '1' })
  for (const key of ['test/a', 'test/b']) world.poll.follow(key, new Map([['mongo', '1']]))
  await world.rounds(3)
  assert.equal(world.asked, 3)
  world.poll.forget('test/a')
  world.poll.forget('test/b')
  await world.rounds(3)
  assert.equal(world.asked, 3)
})

test('a round that failed is followed by another', async (t) => {
  const world = createWorld(t, { mongo: '1' })
  world.poll.follow('test/a', new Map([['mongo', '1']]))
  world.failing = true
  await world.rounds(2)
  world.failing = false
  world.versions.set('mongo', '2')
  await world.rounds(1)
  assert.equal(world.errors, 2)
  assert.ok(world.told.includes('test/a'))
})

test('of many Secrets several are asked for at a time, and never so many that others wait for the API server', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`secret-${at}`, '1']))
  const world = createWorld(t, many)
  world.poll.follow('test/a', new Map(Object.entries(many)))
  world.versions.set('secret-99', '2')
  await world.rounds(1)
  while (world.told.length === 0) await flush()
  assert.deepEqual([world.asked, world.atOnceMax], [100, 8])
  assert.deepEqual(world.told, ['test/a'])
})

function createWorld(t: TestContext, given: Readonly<Record<string, string>>) {
  const told: string[] = []
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const versions = new Map(Object.entries(given))
  const world = {
    versions,
    told,
    errors: 0,
    asked: 0,
    asking: 0,
    atOnceMax: 0,
    failing: false,
    rounds: async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        t.mock.timers.tick(EVERY_MS)
        await flush()
      }
    },
    poll: createSecretPoll({
      cluster: {
        read: async ({ apiVersion, kind, name }: ObjectReference, options) => {
          assert.equal(options?.metadataOnly, true)
          world.asked += 1
          world.asking += 1
          world.atOnceMax = Math.max(world.atOnceMax, world.asking)
          await Promise.resolve()
          world.asking -= 1
          if (world.failing) throw new Error('away')
          const resourceVersion = versions.get(name)
          return resourceVersion === undefined ? undefined : { apiVersion, kind, metadata: { name, resourceVersion } }
        },
      },
      namespace: 'test',
      onChange: (key) => told.push(key),
      onError: () => {
        world.errors += 1
      },
      everyMs: EVERY_MS,
    }),
  }
  t.after(() => world.poll.stop())
  return world
}
