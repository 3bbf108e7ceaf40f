import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEventRecorder } from './event-recorder.ts'
import { KubernetesError } from './kubernetes-error.ts'
import type { KubernetesObject } from './kubernetes-object.ts'

const ABOUT = {
  apiVersion: 'whatsappsender.io/v1alpha1',
  kind: 'WhatsAppSender',
  metadata: { name: 'wa', namespace: 'test', uid: 'uid-1' },
}
const CONFLICT = { type: 'Warning' as const, reason: 'Conflict', message: 'deployments/wa-api has another owner' }

test('what is said again within a minute is written once, and then with its whole count', async () => {
  const world = createWorld()
  for (let i = 0; i < 50; i += 1) world.recorder.record(ABOUT, CONFLICT)
  await world.recorder.stop()
  assert.equal(world.writes.length, 1)
  world.advance(60_000)
  world.recorder.record(ABOUT, CONFLICT)
  await world.recorder.stop()
  assert.deepEqual(
    world.writes.map((event) => event['count']),
    [50, 51],
  )
  assert.equal(world.writes[0]?.metadata.name, world.writes[1]?.metadata.name)
})

test('another message, reason or object is another Event', async () => {
  const world = createWorld()
  world.recorder.record(ABOUT, CONFLICT)
  world.recorder.record(ABOUT, { ...CONFLICT, message: 'services/wa-api has another owner' })
  world.recorder.record(ABOUT, { ...CONFLICT, reason: 'Applied' })
  world.recorder.record({ ...ABOUT, metadata: { ...ABOUT.metadata, uid: 'uid-2' } }, CONFLICT)
  await world.recorder.stop()
  assert.equal(new Set(world.writes.map(({ metadata }) => metadata.name)).size, 4)
})

test('one object gets 25 Events at most and then one each half a minute, whatever happens to it', async () => {
  const world = createWorld()
  const say = (count: number) => {
    for (let i = 0; i < count; i += 1)
      world.recorder.record(ABOUT, { ...CONFLICT, message: `${world.writes.length}-${i}` })
  }
  say(100)
  await world.recorder.stop()
  assert.equal(world.writes.length, 25)
  world.advance(90_000)
  say(100)
  await world.recorder.stop()
  assert.equal(world.writes.length, 28)
})

test('the count of the process before goes on', async () => {
  const world = createWorld()
  world.recorder.record(ABOUT, CONFLICT)
  await world.recorder.stop()
  const next = createWorld(world.writes)
  next.recorder.record(ABOUT, CONFLICT)
  await next.recorder.stop()
  assert.equal(world.writes.at(-1)?.['count'], 2)
})

test('a server that refuses is told of, and stops nothing', async () => {
  const world = createWorld()
  world.fail(true)
  world.recorder.record(ABOUT, CONFLICT)
  await world.recorder.stop()
  assert.equal(world.errors.length, 1)
  world.fail(false)
  world.recorder.record(ABOUT, { ...CONFLICT, reason: 'Applied' })
  await world.recorder.stop()
  assert.equal(world.writes.length, 1)
})

test('a message that is too long for an Event is cut', async () => {
  const world = createWorld()
  world.recorder.record(ABOUT, { ...CONFLICT, message: 'x'.repeat(5000) })
  await world.recorder.stop()
  assert.equal(String(world.writes[0]?.['message']).length, 1024)
})

function createWorld(writes: KubernetesObject[] = []) {
  let time = 0
  let isFailing = false
  const errors: unknown[] = []
  const recorder = createEventRecorder({
    cluster: {
      read: async ({ name }) => writes.findLast(({ metadata }) => metadata.name === name),
      apply: async (object) => {
        if (isFailing) throw new KubernetesError({ status: 403, reason: 'Forbidden', message: 'no' })
        writes.push(object)
        return object
      },
    },
    onError: (error) => errors.push(error),
    now: () => time,
    wallClock: () => new Date(1_780_000_000_000 + time),
  })
  return {
    recorder,
    writes,
    errors,
    fail: (yes: boolean) => {
      isFailing = yes
    },
    advance: (ms: number) => {
      time += ms
    },
  }
}
