import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oncePerHost } from './media-addresses.ts'

test('of many messages each host is asked about once, and no more than fifty are', async () => {
  const asked: string[] = []
  const findFault = oncePerHost(async (url) => {
    asked.push(url)
    return url.includes('//h1.') ? 'is refused' : undefined
  })
  const urls = Array.from({ length: 60 }, (_, n) => `https://h${n}.example.com/a.png`)
  const faults = await Promise.all([...urls, ...urls].map(findFault))
  assert.equal(asked.length, 50)
  assert.equal(faults[1], 'is refused')
  assert.equal(faults[61], 'is refused')
  assert.equal(faults[2], undefined)
  assert.match(faults[59] ?? '', /first 50 hosts/)
})
