import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

let echo: Server
let proxy: FaultProxy
let client: Socket
let heard: Buffer
let ended: string | undefined
/** What the server has got, echo or not. */
let reached: number

beforeEach(async () => {
  reached = 0
  echo = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      reached += bytes.length
      socket.write(bytes)
    })
  }).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const address = echo.address()
  proxy = await startFaultProxy(typeof address === 'object' && address !== null ? address.port : 0)
  await join()
})
afterEach(async () => {
  client.destroy()
  await proxy.close()
  echo.close()
})

test('bytes come through unchanged when nothing is ordered', async () => {
  client.write('hello')
  await hears('hello')
  assert.deepEqual(proxy.passed(), { toServer: 5, toClient: 5 })
})

test('latency holds each piece back, and not one after the other', async () => {
  proxy.order({ toServer: { latencyMs: 100 } })
  const began = performance.now()
  for (const letter of 'abcde') {
    client.write(letter)
    await wait(5)
  }
  await hears('abcde')
  const tookMs = performance.now() - began
  assert.ok(tookMs >= 100 && tookMs < 500, `${tookMs} ms`)
})

test('bandwidth bounds what passes in a second', async () => {
  proxy.order({ toServer: { bytesPerSecond: 1000, slice: { bytes: 20, everyMs: 0 } } })
  const began = performance.now()
  client.write('x'.repeat(200))
  await hears('x'.repeat(200))
  assert.ok(performance.now() - began >= 180)
})

test('a black hole lets nothing through and loses nothing once it is gone', async () => {
  proxy.order({ toServer: { lost: 'waits' }, toClient: { lost: 'waits' } })
  client.write('in the dark')
  await wait(50)
  assert.deepEqual([reached, heard.length], [0, 0])
  proxy.order({})
  await hears('in the dark')
})

test('one direction alone can be lost: the server hears, the client does not, and its connection dies with the fault', async () => {
  proxy.order({ toClient: { lost: 'vanishes' } })
  client.write('one way')
  await until('the server has heard', () => (reached === 7 ? true : undefined))
  proxy.order({})
  await ends('ECONNRESET')
  assert.equal(heard.length, 0)
})

test('a connection can be cut after n bytes, by a reset or politely', async () => {
  proxy.order({ toClient: { limit: { bytes: 3, ending: 'reset' } } })
  client.write('abcdef')
  await ends('ECONNRESET')
  assert.equal(proxy.passed().toClient, 3)

  await join()
  proxy.order({ toClient: { limit: { bytes: 3, ending: 'close' } } })
  client.write('abcdef')
  await ends('end')
  assert.equal(heard.toString(), 'abc')
})

test('pieces of one byte arrive as one stream', async () => {
  proxy.order({ toServer: { slice: { bytes: 1, everyMs: 1 } }, toClient: { slice: { bytes: 2, everyMs: 1 } } })
  client.write('sliced')
  await hears('sliced')
})

test('connections can be reset all at once, after a while, and from the first', async () => {
  assert.equal(proxy.resetAll(), 1)
  await ends('ECONNRESET')

  await join()
  proxy.order({ toServer: { resetAfterMs: 20 } })
  client.write('x')
  await ends('ECONNRESET')

  proxy.order({ refuses: true })
  await join().catch(() => {})
  await ends('ECONNRESET')
})

test('the end of a connection can be passed on late', async () => {
  proxy.order({ toServer: { closeDelayMs: 100 } })
  const began = performance.now()
  client.end('last')
  await ends('end')
  assert.ok(performance.now() - began >= 100)
  assert.equal(heard.toString(), 'last')
})

test('a piece that is looked for waits, and what is behind it', async () => {
  proxy.order({ toServer: { inspect: (piece) => (piece.includes('stop') ? 'hold' : 'pass') } })
  client.write('go')
  await hears('go')
  client.write('stop')
  await wait(10)
  client.write('behind')
  await wait(50)
  assert.equal(reached, 2)
  proxy.order({})
  await hears('gostopbehind')
})

test('a piece that is looked for can pass while its answer is lost', async () => {
  proxy.order({ toServer: { inspect: (piece) => (piece.includes('mute') ? 'pass-unanswered' : 'pass') } })
  client.write('mute')
  await until('the server has heard', () => (reached === 4 ? true : undefined))
  proxy.order({})
  await ends('ECONNRESET')
  assert.equal(heard.length, 0)
})

test('a sender that outruns the fault is stopped: what waits in the proxy is bounded', async () => {
  proxy.order({ toServer: { lost: 'waits' } })
  const block = Buffer.alloc(1_048_576)
  for (let n = 0; n < 64; n++) client.write(block)
  await wait(100)
  const waiting = client.writableLength
  assert.ok(waiting > 32 * block.length, `${waiting} bytes still with the sender`)
})

async function join(): Promise<void> {
  heard = Buffer.alloc(0)
  ended = undefined
  client = connect({ port: proxy.port, host: '127.0.0.1' })
  client.on('data', (bytes) => {
    heard = Buffer.concat([heard, bytes])
  })
  client.on('error', (error) => {
    ended = 'code' in error ? String(error.code) : error.message
  })
  client.on('end', () => {
    ended ??= 'end'
  })
  await once(client, 'connect')
}

function hears(text: string): Promise<true> {
  return until(`the client hears ${text}`, () => (heard.toString() === text ? true : undefined), { timeoutMs: 5000 })
}

function ends(how: string): Promise<true> {
  return until(`the connection ends: ${how}`, () => (ended === how ? true : undefined), { timeoutMs: 5000 })
}
