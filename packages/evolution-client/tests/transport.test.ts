import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import type { SendResult } from '@whatsapp-sender/contract'
import { createEvolutionClient, type EvolutionClient } from '../src/index.ts'
import { answerJson, portOf, startServer } from './server.ts'

const SENT = { key: { id: '3EB0', remoteJid: '5511999991000@s.whatsapp.net' } }

const TEXT = { type: 'text', content: { text: 'hi' } } as const

function clientOf(baseUrl: string, options: { timeoutMs?: number; connections?: number } = {}): EvolutionClient {
  return createEvolutionClient({ baseUrl, globalKey: 'global', connections: 4, ...options })
}

function send(client: EvolutionClient, more: { delayMs?: number; mayStart?: () => boolean; apiKey?: string } = {}) {
  return client.send({ instance: 'a1', apiKey: 'tok-a1', number: '5511999991000', message: TEXT, ...more })
}

function outcomeOf(result: SendResult): string {
  return result.kind === 'sent' ? 'sent' : `${result.failure.kind} ${result.failure.code}`
}

/** A TCP server, for what is no HTTP. */
async function startTcp(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${portOf(server.address())}`, close, [Symbol.asyncDispose]: close }
}

test('a refused connection is the server being down: nothing was written', async () => {
  const server = await startTcp(() => undefined)
  await server.close().catch(() => undefined)
  assert.equal(outcomeOf(await send(clientOf(server.url))), 'server-down connection-refused')
})

test('a name that does not resolve is the server being down', async () => {
  assert.equal(outcomeOf(await send(clientOf('http://evolution.invalid'))), 'server-down server-not-found')
})

test('a time-out after the request was written is ambiguous, and does not hold its connection', async () => {
  await using server = await startServer((response, { url }) => {
    if (url.includes('connectionState')) answerJson(response, 200, { instance: { state: 'open' } })
  })
  const client = clientOf(server.url, { timeoutMs: 50, connections: 1 })
  assert.equal(outcomeOf(await send(client)), 'ambiguous timeout')
  assert.deepEqual(await client.connectionState({ instance: 'a1', apiKey: 'k' }), { state: 'open' })
})

test('the delay of a message is added to the time-out', async () => {
  await using server = await startServer((response) => void setTimeout(() => answerJson(response, 201, SENT), 150))
  const client = clientOf(server.url, { timeoutMs: 50 })
  assert.equal(outcomeOf(await send(client, { delayMs: 2_000 })), 'sent')
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ''), { number: '5511999991000', text: 'hi', delay: 2_000 })
})

test('a request that times out while it waits for a connection never leaves', async () => {
  await using server = await startServer((response) => void setTimeout(() => answerJson(response, 201, SENT), 200))
  const client = clientOf(server.url, { timeoutMs: 100, connections: 1 })
  const first = send(client, { delayMs: 2_000 })
  assert.equal(outcomeOf(await send(client)), 'server-down never-started')
  assert.equal(outcomeOf(await first), 'sent')
  await client.close()
  assert.equal(server.seen.length, 1)
})

test('a reset after the request was read is ambiguous, before the answer and in its middle', async () => {
  await using server = await startServer((response, _, incoming) => {
    if (server.seen.length === 1) return void incoming.socket.resetAndDestroy()
    response.writeHead(201, { 'content-length': 1_000 }).write('{"key":')
    setTimeout(() => incoming.socket.resetAndDestroy(), 20)
  })
  const client = clientOf(server.url)
  assert.equal(outcomeOf(await send(client)), 'ambiguous connection-lost')
  assert.equal(outcomeOf(await send(client)), 'ambiguous connection-lost')
})

test('a connection that is taken and closed at once is ambiguous: the request may have been read', async () => {
  await using server = await startTcp((socket) => void socket.once('data', () => socket.end()))
  assert.equal(outcomeOf(await send(clientOf(server.url))), 'ambiguous connection-lost')
})

test('a reset of a reused connection is ambiguous', async () => {
  await using server = await startServer((response, _, incoming) => {
    if (server.seen.length === 1) answerJson(response, 201, SENT)
    else incoming.socket.resetAndDestroy()
  })
  const client = clientOf(server.url, { connections: 1 })
  assert.equal(outcomeOf(await send(client)), 'sent')
  assert.equal(outcomeOf(await send(client)), 'ambiguous connection-lost')
  assert.equal(server.connections(), 1)
})

test('what is not HTTP is ambiguous', async () => {
  await using server = await startTcp((socket) => void socket.once('data', () => socket.end('SSH-2.0-x\r\n\r\n')))
  assert.equal(outcomeOf(await send(clientOf(server.url))), 'ambiguous answer-broken')
})

test('an answer that drips is cut by the total time-out', async () => {
  await using server = await startServer((response) => {
    response.writeHead(201)
    const dripping = setInterval(() => response.write(' '), 10)
    response.on('close', () => clearInterval(dripping))
  })
  const startedAt = Date.now()
  assert.equal(outcomeOf(await send(clientOf(server.url, { timeoutMs: 150 }))), 'ambiguous timeout')
  assert.ok(Date.now() - startedAt < 1_500)
})

test('a success of 100 MB is not read beyond the cap', async () => {
  let written = 0
  await using server = await startServer((response) => {
    response.writeHead(201, { 'content-type': 'application/json' })
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const pour = (): void => {
      while (written < 100 * 1024 * 1024 && !response.destroyed) {
        written += chunk.length
        if (!response.write(chunk)) return
      }
      response.end()
    }
    response.on('drain', pour)
    pour()
  })
  assert.equal(outcomeOf(await send(clientOf(server.url))), 'ambiguous answer-too-long')
  assert.ok(written < 16 * 1024 * 1024, `${written} bytes were taken`)
})

test('a redirect is not followed', async () => {
  await using target = await startServer((response) => answerJson(response, 201, SENT))
  await using server = await startServer((response) => {
    response.writeHead(307, { location: `${target.url}/message/sendText/a1` }).end()
  })
  assert.equal(outcomeOf(await send(clientOf(server.url))), 'configuration redirected')
  assert.equal(target.seen.length, 0)
})

test('connections are kept and never more than allowed', async () => {
  await using server = await startServer((response) => void setTimeout(() => answerJson(response, 201, SENT), 5))
  const client = clientOf(server.url, { connections: 2 })
  const results = await Promise.all(Array.from({ length: 40 }, () => send(client)))
  assert.deepEqual(new Set(results.map(outcomeOf)), new Set(['sent']))
  assert.equal(server.connections(), 2)
})

test('the proxy of the environment is not used', async (context) => {
  await using proxy = await startServer((response) => answerJson(response, 201, SENT))
  await using server = await startServer((response) => answerJson(response, 201, SENT))
  const before = process.env['HTTP_PROXY']
  process.env['HTTP_PROXY'] = proxy.url
  context.after(() => {
    if (before === undefined) delete process.env['HTTP_PROXY']
    else process.env['HTTP_PROXY'] = before
  })
  assert.equal(outcomeOf(await send(clientOf(server.url))), 'sent')
  assert.deepEqual([proxy.seen.length, server.seen.length], [0, 1])
})

test('a request that may not start any more when its connection is there never leaves, and is no fault of the server', async () => {
  await using server = await startServer((response) => answerJson(response, 201, SENT))
  const client = clientOf(server.url)
  assert.equal(outcomeOf(await send(client, { mayStart: () => false })), 'server-down started-too-late')
  assert.equal(outcomeOf(await send(client, { mayStart: () => server.seen.length === 0 })), 'sent')
  await client.close()
  assert.equal(server.seen.length, 1)
})

test('a key with a line break adds no header and is not repeated', async () => {
  await using server = await startServer((response) => {
    const response401 = { status: 401, error: 'Unauthorized', response: { message: 'Unauthorized' } }
    answerJson(response, 401, response401)
  })
  const result = await send(clientOf(server.url), { apiKey: 'bad\r\nX-Injected: 1' })
  assert.equal(outcomeOf(result), 'configuration unauthorized')
  assert.doesNotMatch(JSON.stringify(result), /Injected/)
  assert.equal(server.seen[0]?.headers['x-injected'], undefined)
})
