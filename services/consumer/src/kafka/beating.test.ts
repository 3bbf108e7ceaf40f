import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { beating } from './beating.ts'

test('tries that end soon have their heartbeats too, for many of them may follow each other', async () => {
  let beats = 0
  const heartbeat = async () => void beats++
  assert.equal(await beating(heartbeat, Promise.resolve('done'), 1000), 'done')
  assert.equal(await beating(heartbeat, Promise.resolve('done'), 1000), 'done')
  assert.equal(beats, 2)
})

test('heartbeats go on until the work ends, and not after', async () => {
  const work = Promise.withResolvers<string>()
  let beats = 0
  const heartbeat = async () => {
    beats += 1
    if (beats === 3) work.resolve('done')
  }
  assert.equal(await beating(heartbeat, work.promise, 1), 'done')
  assert.equal(beats, 3)
  await wait(10)
  assert.equal(beats, 3, 'a heartbeat after the end would keep a dead handler alive')
})

test('a heartbeat that fails ends the wait, and the work may fail later unnoticed', async () => {
  const work = Promise.withResolvers<string>()
  const rebalancing = new Error('the group is rebalancing')
  await assert.rejects(
    beating(() => Promise.reject(rebalancing), work.promise, 1),
    rebalancing,
  )
  work.reject(new Error('too late for anybody'))
  await wait(1)
})

test('work that fails is told as it is', async () => {
  await assert.rejects(
    beating(async () => {}, Promise.reject(new Error('refused'))),
    /refused/,
  )
})
