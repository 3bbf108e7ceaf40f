import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, Server as HttpServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { afterEach, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { createOutgoingHttp, type OutgoingAnswer, type OutgoingHttp } from '../src/index.ts'

const LOOPBACK = ['127.0.0.0/8']
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

test('posts the bytes it is given and answers status, text and Retry-After', async () => {
  const seen: unknown[] = []
  const port = await listening((req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += chunk
    })
    req.on('end', () => {
      seen.push([req.method, req.url, req.headers['x-one'], req.headers.host, body])
      res.writeHead(503, { 'retry-after': '7' }).end('later')
    })
  })
  const http = outgoing({ privateNetworks: LOOPBACK })
  const answer = await http.post({ url: `http://127.0.0.1:${port}/a?b=c`, headers: { 'x-one': '1' }, body: 'é' })
  assert.deepEqual(answer, { kind: 'answered', status: 503, text: 'later', isCut: false, retryAfter: '7' })
  assert.deepEqual(seen, [['POST', '/a?b=c', '1', `127.0.0.1:${port}`, 'é']])
})

test('an inner server sees no hit, whichever way its address is written', async () => {
  let hits = 0
  const port = await listening((_req, res) => {
    hits += 1
    res.end()
  })
  const http = outgoing({ resolve: async () => ['127.0.0.1'] })
  const hosts = ['127.0.0.1', 'localhost', 'inner.example', '[::1]', '[::ffff:7f00:1]', '2130706433', '0x7f.1', '127.1']
  const urls = hosts.flatMap((host) => [`http://${host}:${port}/`, `https://${host}:${port}/`, `https://${host}/`])
  for (const url of urls) assert.equal((await http.post({ url, headers: {}, body: '' })).kind, 'refused', url)
  assert.equal(hits, 0)
})

test('a second answer of the name server does not count: the connection goes to what was judged', async () => {
  let hits = 0
  const inner = await listening((_req, res) => {
    hits += 1
    res.end()
  })
  let asked = 0
  const judged: string[] = []
  const http = outgoing({
    privateNetworks: ['127.0.0.2/32'],
    resolve: async (host) => {
      judged.push(host)
      asked += 1
      return asked === 1 ? ['127.0.0.2'] : ['127.0.0.1']
    },
  })
  const url = `http://rebinding.example:${inner}/`
  const [first, second] = [await post(http, url), await post(http, url)]
  assert.deepEqual(first, { kind: 'unanswered', code: 'unreachable' })
  assert.equal(second.kind === 'refused' && second.fault.code, 'address-refused')
  assert.deepEqual([hits, judged.length], [0, 2])
})

test('a connection that is kept is no way around the judgement of the next call', async () => {
  let hits = 0
  const port = await listening((_req, res) => {
    hits += 1
    res.end()
  })
  let ips = ['127.0.0.1']
  const http = outgoing({ privateNetworks: LOOPBACK, resolve: async () => ips })
  assert.equal((await post(http, `http://hooks.example:${port}/`)).kind, 'answered')
  ips = ['10.0.0.1']
  assert.equal((await post(http, `http://hooks.example:${port}/`)).kind, 'refused')
  assert.equal(hits, 1)
})

test('redirects are answers: nobody goes where they point', async () => {
  let hits = 0
  const target = await listening((_req, res) => {
    hits += 1
    res.end()
  })
  const port = await listening((req, res) => {
    res.writeHead(Number(req.url?.slice(1)), { location: `http://127.0.0.1:${target}/` }).end()
  })
  const http = outgoing({ privateNetworks: LOOPBACK })
  for (const status of [301, 302, 303, 307, 308]) {
    const answer = await post(http, `http://127.0.0.1:${port}/${status}`)
    assert.equal(answer.kind === 'answered' && answer.status, status)
  }
  assert.equal(hits, 0)
})

test('of an answer without end 64 KiB are read, and the connection is cut', async () => {
  const closed = Promise.withResolvers<void>()
  const port = await listening((_req, res) => {
    const pour = (): void => {
      while (!res.destroyed && res.write('x'.repeat(65_536)));
    }
    res.on('drain', pour)
    res.on('close', closed.resolve)
    pour()
  })
  const answer = await post(outgoing({ privateNetworks: LOOPBACK }), `http://127.0.0.1:${port}/`)
  assert.equal(answer.kind === 'answered' && answer.text.length, 65_536)
  assert.equal(answer.kind === 'answered' && answer.isCut, true)
  await closed.promise
})

test('a server that does not answer, one that drips and a name server that is silent cost the time limit and no more', async () => {
  const silent = await listening(() => {})
  const dripping = await listening((_req, res) => {
    const timer = setInterval(() => res.write('x'), 20)
    res.on('close', () => clearInterval(timer))
  })
  const http = outgoing({ privateNetworks: LOOPBACK, timeoutMs: 200 })
  const unresolved = outgoing({ timeoutMs: 200, resolve: () => new Promise(() => {}) })
  assert.deepEqual(await post(unresolved, 'https://hooks.example/'), { kind: 'unanswered', code: 'timeout' })
  for (const port of [silent, dripping])
    assert.deepEqual(await post(http, `http://127.0.0.1:${port}/`), { kind: 'unanswered', code: 'timeout' })
})

test('TLS asks for the name of the host, not for the address it resolves to, and wants a proof', async () => {
  const asked: string[] = []
  const server = createTlsServer({
    SNICallback: (name, done) => {
      asked.push(name)
      done(new Error('no certificate'))
    },
  })
  const port = await listen(server)
  const http = outgoing({ privateNetworks: LOOPBACK, resolve: async () => ['127.0.0.1'] })
  const answer = await post(http, `https://hooks.example:${port}/`)
  assert.deepEqual(asked, ['hooks.example'])
  assert.equal(answer.kind, 'unanswered')
})

test('beyond its number of calls it refuses at once, and serves again when one has ended', async () => {
  const arrivals: PromiseWithResolvers<() => void>[] = [Promise.withResolvers(), Promise.withResolvers()]
  let arrived = 0
  const port = await listening((_req, res) => arrivals[arrived++]?.resolve(() => res.end()))
  const http = outgoing({ privateNetworks: LOOPBACK, callsMax: 1 })
  for (const arrival of arrivals) {
    const held = post(http, `http://127.0.0.1:${port}/`)
    const answer = await arrival.promise
    assert.deepEqual(await post(http, `http://127.0.0.1:${port}/`), { kind: 'unanswered', code: 'too-many-calls' })
    answer()
    assert.equal((await held).kind, 'answered')
  }
})

test('tells a port where nobody listens from an answer that breaks off', async () => {
  const breaking = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.destroy())
  })
  const port = await listen(breaking)
  const gone = await listening(() => {}).then(async (taken) => {
    await undo.pop()?.()
    return taken
  })
  const http = outgoing({ privateNetworks: LOOPBACK })
  assert.deepEqual(await post(http, `http://127.0.0.1:${port}/`), { kind: 'unanswered', code: 'cut' })
  assert.deepEqual(await post(http, `http://127.0.0.1:${gone}/`), { kind: 'unanswered', code: 'unreachable' })
})

type Settings = Partial<Parameters<typeof createOutgoingHttp>[0]>

function outgoing(settings: Settings = {}): OutgoingHttp {
  const http = createOutgoingHttp({ privateNetworks: [], resolve: async () => [], callsMax: 10, ...settings })
  undo.push(http.close)
  return http
}

async function post(http: OutgoingHttp, url: string): Promise<OutgoingAnswer> {
  return await http.post({ url, headers: {}, body: '{}' })
}

async function listening(handle: RequestListener): Promise<number> {
  return await listen(createServer(handle))
}

async function listen(server: TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    if (server instanceof HttpServer) server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('listens on no port')
  return address.port
}
