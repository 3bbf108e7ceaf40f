import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openTestStore } from './test-store.ts'

const FINE = { due: 7, evolutionDown: [] }
const { processes, db } = await openTestStore()
const rows = db.collection<{ _id: string; due: number; at: Date; expireAt: Date }>('processes')

test('a heartbeat only ever rises and tells the time of the database', async () => {
  const id = randomUUID()
  const beats: (number | undefined)[] = []
  for (let i = 0; i < 3; i++) {
    const at = await processes.beat(id, FINE)
    const { localTime } = await db.command({ hello: 1 })
    assert.ok(localTime.getTime() - at < 5000 && at <= localTime.getTime())
    beats.push(await beatOf(id))
  }
  assert.deepEqual(beats, [1, 2, 3])
})

test('heartbeats at the same time are all counted', async () => {
  const id = randomUUID()
  await processes.beat(id, FINE)
  await Promise.all(Array.from({ length: 10 }, () => processes.beat(id, FINE)))
  assert.equal(await beatOf(id), 11)
})

test('a process that has stopped is seen no more, and the others are', async () => {
  const [stopped, running] = [randomUUID(), randomUUID()]
  await Promise.all([processes.beat(stopped, FINE), processes.beat(running, FINE)])
  await processes.remove(stopped)
  await processes.remove(stopped)
  assert.deepEqual([await beatOf(stopped), await beatOf(running)], [undefined, 1])
})

test('a process that is gone for good is removed by time', async () => {
  const id = randomUUID()
  const at = await processes.beat(id, FINE)
  const row = await rowOf(id)
  assert.deepEqual([row?.due, row?.expireAt], [7, new Date(at + 3_600_000)])
})

test('an Evolution server is down as long as a process that lives says so', async () => {
  const [up, down] = [randomUUID(), randomUUID()]
  await processes.beat(up, FINE)
  assert.deepEqual(await processes.evolutionDown(), new Set())
  await processes.beat(down, { ...FINE, evolutionDown: ['second'] })
  assert.deepEqual(await processes.evolutionDown(), new Set(['second']))
  await rows.updateOne({ _id: down }, { $set: { at: new Date(Date.now() - 60_000) } })
  assert.deepEqual(await processes.evolutionDown(), new Set())
  await processes.beat(down, { ...FINE, evolutionDown: ['second'] })
  assert.deepEqual(await processes.evolutionDown(), new Set(['second']))
  await processes.beat(down, FINE)
  assert.deepEqual(await processes.evolutionDown(), new Set())
})

async function rowOf(id: string) {
  return await rows.findOne({ _id: id })
}

async function beatOf(id: string): Promise<number | undefined> {
  return (await processes.all()).find((each) => each.id === id)?.beat
}
