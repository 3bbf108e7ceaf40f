import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { KubernetesError } from './kubernetes-error.ts'
import { createTransport } from './transport.ts'

test('requests share their connections', async (t) => {
  const server = await listen(t, (_, res) => void res.end('{}'))
  for (let i = 0; i < 20; i += 1) await server.transport.call({ method: 'GET', path: '/api/v1' })
  assert.ok(server.connections() < 5, `${server.connections()} connections`)
})

test('a token that was renewed is found when the server no longer knows the old one', async (t) => {
  let token = 'old'
  const answer = (req: IncomingMessage, res: ServerResponse) => {
    res.statusCode = req.headers.authorization === `Bearer ${token}` ? 200 : 401
    res.end('{}')
  }
  const server = await listen(t, answer, { token: () => token })
  await server.transport.call({ method: 'GET', path: '/' })
  token = 'new'
  await server.transport.call({ method: 'GET', path: '/' })
  assert.equal(server.reads(), 2)
})

test('a token that is refused is read again once and no more', async (t) => {
  let requests = 0
  const server = await listen(t, (_, res) => {
    requests += 1
    res.statusCode = 401
    res.end('{"kind":"Status","reason":"Unauthorized","message":"Unauthorized","code":401}')
  })
  await assert.rejects(server.transport.call({ method: 'GET', path: '/' }), { status: 401, reason: 'Unauthorized' })
  assert.equal(requests, 2)
})

test('a server that does not answer, or not to the end, is given up within the time limit', async (t) => {
  const answer = (req: IncomingMessage, res: ServerResponse) => {
    if (req.url === '/half') res.write('{"kind":')
  }
  const server = await listen(t, answer, { requestTimeoutMs: 300 })
  for (const path of ['/none', '/half']) {
    const startedAt = performance.now()
    await assert.rejects(server.transport.call({ method: 'GET', path }), (error: unknown) => {
      assert.ok(error instanceof KubernetesError)
      assert.deepEqual([error.status, error.reason], [0, 'Timeout'])
      return true
    })
    assert.ok(performance.now() - startedAt < 20_000)
  }
})

test('a watch is given up until its headers have come, then it may be silent, and it ends with the reason it is given', async (t) => {
  const answer = (req: IncomingMessage, res: ServerResponse) => {
    if (req.url !== '/silent') return
    res.write('first')
    setTimeout(() => res.write('second'), 600)
  }
  const server = await listen(t, answer, { requestTimeoutMs: 300 })
  const ending = new AbortController()
  const open = (path: string) => server.transport.open({ method: 'GET', path }, ending.signal)
  await assert.rejects(open('/none'), { name: 'KubernetesError', reason: 'Timeout' })
  const parts: string[] = []
  const reason = new Error('nobody watches any more')
  await assert.rejects(async () => {
    for await (const part of await open('/silent')) {
      parts.push(Buffer.from(part).toString())
      if (parts.length === 2) ending.abort(reason)
    }
  }, reason)
  assert.deepEqual(parts, ['first', 'second'])
})

test('the body of a DELETE arrives whole', async (t) => {
  const server = await listen(t, (req, res) => {
    const length = req.headers['content-length']
    void text(req).then((body) => res.end(JSON.stringify({ length, body })))
  })
  const answer = await server.transport.call({ method: 'DELETE', path: '/', body: { kind: 'DeleteOptions' } })
  assert.deepEqual(answer, { length: '24', body: '{"kind":"DeleteOptions"}' })
})

test('what is sent arrives as it is, with its query and type', async (t) => {
  const server = await listen(t, (req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { method, url, headers } = req
      res.end(JSON.stringify({ method, url, type: headers['content-type'], body: Buffer.concat(chunks).toString() }))
    })
  })
  const answer = await server.transport.call({
    method: 'PATCH',
    path: '/api/v1/namespaces/a%20b',
    query: { force: 'true', dryRun: undefined },
    contentType: 'application/apply-patch+yaml',
    body: { text: 'ação', nothing: null },
  })
  assert.deepEqual(answer, {
    method: 'PATCH',
    url: '/api/v1/namespaces/a%20b?force=true',
    type: 'application/apply-patch+yaml',
    body: '{"text":"ação","nothing":null}',
  })
})

async function listen(
  t: TestContext,
  answer: (req: IncomingMessage, res: ServerResponse) => void,
  { token = () => 'token', requestTimeoutMs = 30_000 }: { token?: () => string; requestTimeoutMs?: number } = {},
) {
  let connections = 0
  let reads = 0
  const server = createServer(answer)
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const { port } = address
  const transport = createTransport({
    requestTimeoutMs,
    readCredentials: async () => {
      reads += 1
      return { server: `http://127.0.0.1:${port}`, tls: {}, headers: { authorization: `Bearer ${token()}` } }
    },
  })
  t.after(async () => {
    await transport.close()
    server.closeAllConnections()
    server.close()
  })
  return { transport, connections: () => connections, reads: () => reads }
}
