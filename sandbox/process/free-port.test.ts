import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextFreePort } from './free-port.ts'

test('keeps the preferred port when it is free', async () => {
  assert.equal(await nextFreePort(8080, async () => true), 8080)
})

test('goes on to the next free port when the preferred one is taken', async () => {
  const taken = [8080, 8081]
  assert.equal(await nextFreePort(8080, async (port) => !taken.includes(port)), 8082)
})

test('never leaves the range of ports', async () => {
  const asked: number[] = []
  const port = await nextFreePort(65_534, async (candidate) => {
    asked.push(candidate)
    return false
  })
  assert.equal(port, undefined)
  assert.deepEqual(asked, [65_534, 65_535])
})
