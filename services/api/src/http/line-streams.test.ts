import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import express from 'express'
import { createLineStreams, type LineStreams } from './line-streams.ts'

test('a client who does not read holds back what makes the lines, and ends it when he goes', async () => {
  let made = 0
  const ended = Promise.withResolvers<void>()
  async function* lines() {
    try {
      for (;;) {
        made++
        yield 'x'.repeat(1024 * 1024)
      }
    } finally {
      ended.resolve()
    }
  }
  await using server = await serve(createLineStreams(), lines)
  const unread = (await server.ask()).pause()
  // Long enough for all that the sockets take.
  await new Promise((resolve) => setTimeout(resolve, 300))
  const madeBefore = made
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(made, madeBefore)
  unread.destroy()
  await ended.promise
})

test('beyond its places a process refuses, and a place is free when its answer has ended', async () => {
  const gate = Promise.withResolvers<void>()
  async function* lines() {
    yield 1
    await gate.promise
    yield 2
  }
  await using server = await serve(createLineStreams({ openMax: 1 }), lines)
  const first = await server.ask()
  assert.equal((await server.ask()).statusCode, 503)
  gate.resolve()
  assert.equal(await textOf(first), '1\n2\n')
  const again = await server.ask()
  assert.equal(again.statusCode, 200)
  await textOf(again)
})

test('what fails before the first line is told, and what fails later cuts the answer', async () => {
  async function* atOnce() {
    yield await Promise.reject(new Error('down'))
  }
  async function* later() {
    yield 1
    throw new Error('down')
  }
  await using failing = await serve(createLineStreams(), atOnce)
  assert.equal((await failing.ask()).statusCode, 500)
  await using cut = await serve(createLineStreams(), later)
  await assert.rejects(async () => textOf(await cut.ask()))
})

test('at the end of the process every answer is cut', async () => {
  async function* lines() {
    yield 1
    await new Promise(() => {})
  }
  const streams = createLineStreams()
  await using server = await serve(streams, lines)
  const answer = await server.ask()
  await streams.stop?.()
  await assert.rejects(textOf(answer))
})

async function serve(streams: LineStreams, lines: () => AsyncGenerator<unknown>) {
  const app = express()
  app.get('/', async (_req, res) => streams.open(res)(lines()))
  app.use((err: unknown, _req: express.Request, res: express.Response, next: express.NextFunction) => {
    if (res.headersSent) return next(err)
    res.status(err instanceof Error && 'status' in err ? 503 : 500).end()
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const { port } = address
  return {
    ask: () =>
      new Promise<IncomingMessage>((resolve, reject) => get({ port, host: '127.0.0.1' }, resolve).on('error', reject)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const bytes of answer.setEncoding('utf8')) text += String(bytes)
  return text
}
