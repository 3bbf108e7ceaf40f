import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { createEventStreams, type EventStream, type EventStreams } from './event-stream.ts'
import { ProblemError } from './problem.ts'

test('events are sent as they come, with a heartbeat while there are none', async () => {
  await using server = await serve(createEventStreams({ heartbeatMs: 20 }))
  const { stream, answer } = await server.open()
  await stream.send({ event: 'state', data: { text: 'two\nlines' }, id: '7' })
  let text = ''
  for await (const bytes of (await answer).setEncoding('utf8')) {
    text += String(bytes)
    if (text.endsWith(': \n\n')) break
  }
  assert.match(text, /^retry: \d+\n\nid: 7\nevent: state\ndata: \{"text":"two\\nlines"\}\n\n(: \n\n)+$/)
})

test('a caller who does not read holds the writer back, until he has gone', async () => {
  await using server = await serve(createEventStreams())
  const { stream, answer, res } = await server.open()
  let sent = 0
  const sending = (async () => {
    for (; !stream.closed.aborted; sent++) await stream.send({ event: 'big', data: 'x'.repeat(1024 * 1024) })
  })()
  const unread = (await answer).pause()
  // Long enough for all that the sockets take.
  await new Promise((resolve) => setTimeout(resolve, 300))
  const sentBefore = sent
  assert.ok(res.writableLength < 3 * 1024 * 1024, `${res.writableLength} bytes wait here`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(sent, sentBefore)
  unread.destroy()
  await sending
})

test('beyond its places a process refuses, a user sooner, and a place is free when its answer has ended', async () => {
  await using server = await serve(createEventStreams({ perUserMax: 1, totalMax: 2 }))
  const first = await server.open('ana')
  assert.equal(await server.refusal('ana'), 'too-many-requests')
  await server.open('bob')
  assert.equal(await server.refusal('eva'), 'overloaded')
  first.stream.end()
  await once((await first.answer).resume(), 'close')
  await server.open('ana')
})

test('at the end of the process all end, those that have told nothing yet too, and none begins', async () => {
  const streams = createEventStreams()
  await using server = await serve(streams)
  const { answer } = await server.open()
  await streams.stop()
  assert.equal((await answer).statusCode, 200)
  await once((await answer).resume(), 'close')
  assert.equal(await server.refusal('ana'), 'unavailable')
})

test('HEAD is answered with what a stream begins with, and ends', async () => {
  await using server = await serve(createEventStreams())
  const { stream, answer } = await server.open('ana', 'HEAD')
  await stream.send({ event: 'state', data: 1 })
  assert.equal((await answer).headers['content-type'], 'text/event-stream')
  assert.equal(stream.closed.aborted, true)
})

type Opened = Readonly<{ stream: EventStream; res: ServerResponse }>

/** A server whose every answer is a stream; what is refused is answered with its code. */
async function serve(streams: EventStreams) {
  const waiting: ((opened: Opened) => void)[] = []
  const server = createServer((req, res) => {
    try {
      const stream = streams.open(res, String(req.headers.from))
      waiting.shift()?.({ stream, res })
    } catch (error) {
      assert.ok(error instanceof ProblemError)
      res.end(error.code)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
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
