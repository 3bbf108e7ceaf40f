import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import express from 'express'
import { createEventAnswer, type EventAnswer } from './event-answer.ts'
import { createOpenStreams, type OpenStreams } from './open-streams.ts'
import { ProblemError } from './problem.ts'

const PLENTY = { perUserMax: 10, allMax: 10, onCount: () => {} }
const LAZY = { heartbeatMs: 60_000, stallMs: 60_000 }

test('events are sent as they come, with a heartbeat while there are none', async () => {
  await using server = await serve(createOpenStreams(PLENTY), { ...LAZY, heartbeatMs: 20 })
  const { told, answer } = await server.open()
  await told.send({ event: 'state', data: { text: 'two\nlines' } })
  let text = ''
  for await (const bytes of (await answer).setEncoding('utf8')) {
    text += String(bytes)
    if (text.endsWith(':\n\n')) break
  }
  assert.match(text, /^retry: \d+\n\nevent: state\ndata: \{"text":"two\\nlines"\}\n\n(:\n\n)+$/)
})

test('a caller who takes nothing holds the writer back, and is cut in the end', async () => {
  await using server = await serve(createOpenStreams(PLENTY), { ...LAZY, stallMs: 200 })
  const { told, answer, waitingBytes } = await server.open()
  const unread = answer.then((response) => response.pause().on('error', () => {}))
  let most = 0
  while (!told.closed.aborted) {
    await told.send({ event: 'big', data: 'x'.repeat(1024 * 1024) })
    most = Math.max(most, waitingBytes())
  }
  await unread
  assert.ok(most < 3 * 1024 * 1024, `${most} bytes waited here`)
})

test('beyond its places a process refuses, a user sooner, and a place is free when its answer has ended', async () => {
  await using server = await serve(createOpenStreams({ ...PLENTY, perUserMax: 1, allMax: 2 }))
  const first = await server.open('ana')
  assert.equal(await server.refusal('ana'), 'too-many-requests')
  await server.open('bob')
  assert.equal(await server.refusal('eva'), 'overloaded')
  first.told.end()
  await once((await first.answer).resume(), 'close')
  await server.open('ana')
})

test('at the end of the process all end, those that have told nothing yet too, and none begins', async () => {
  const streams = createOpenStreams(PLENTY)
  await using server = await serve(streams)
  const { answer } = await server.open()
  await streams.stop()
  assert.equal((await answer).statusCode, 200)
  await once((await answer).resume(), 'close')
  assert.equal(await server.refusal('ana'), 'unavailable')
})

test('HEAD is answered with what a stream begins with, and ends', async () => {
  await using server = await serve(createOpenStreams(PLENTY))
  const { told, answer } = await server.open('ana', 'HEAD')
  await told.send({ event: 'state', data: 1 })
  assert.match((await answer).headers['content-type'] ?? '', /^text\/event-stream/)
  assert.equal(told.closed.aborted, true)
})

type Opened = Readonly<{ told: EventAnswer; waitingBytes(): number }>

/** A server whose every answer is told step by step; what is refused is answered with its code. */
async function serve(streams: OpenStreams, limits = LAZY) {
  const waiting: ((opened: Opened) => void)[] = []
  const app = express()
  app.use((req, res) => {
    try {
      const told = createEventAnswer(res, { place: streams.enter(String(req.headers.from)), ...limits })
      waiting.shift()?.({ told, waitingBytes: () => res.writableLength })
    } catch (error) {
      assert.ok(error instanceof ProblemError)
      res.end(error.code)
    }
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const ask = (from: string, method = 'GET'): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: address.port, method, headers: { from }, agent: false })
      asked.once('response', resolve).once('error', reject).end()
    })
  return {
    open: async (from = 'ana', method = 'GET') => {
      const opened = new Promise<Opened>((resolve) => waiting.push(resolve))
      const answer = ask(from, method)
      answer.catch(() => {})
      return { ...(await opened), answer }
    },
    refusal: async (from: string): Promise<string> => {
      let text = ''
      for await (const bytes of (await ask(from)).setEncoding('utf8')) text += String(bytes)
      return text
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
