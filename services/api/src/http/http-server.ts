import { once } from 'node:events'
import { createServer, type RequestListener, type ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export type HttpServer = Readonly<{
  name: string
  start(): Promise<void>
  /** Takes no new connection or request; those open may end. */
  stop(): Promise<void>
  /** @throws before `start` has succeeded */
  address(): { port: number }
}>

const OPTIONS: ServerOptions = {
  // Node looks every 30 s unless told otherwise, and what is not looked at does not end.
  connectionsCheckingInterval: 2_000,
  // Outlives a load balancer's 60 s, or a request would meet the closing of its connection.
  keepAliveTimeout: 65_000,
  // The app refuses a request without a host itself, as a problem.
  requireHostHeader: false,
}
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const CONNECTIONS_MAX = 10_000

export function createHttpServer(o: {
  host: string
  port: number
  app: RequestListener
  /** While stopping it goes on answering for so long, and each answer ends its connection; those still idle then are cut. */
  stopDelayMs: number
  refuseUnreadable: (err: Error, socket: Duplex) => void
  /** From its first byte to its last. Default 30 s. */
  requestTimeoutMs?: number | undefined
}): HttpServer {
  let stopping = false
  const serve: RequestListener = (req, res) => {
    // The client of a kept connection has to learn it from an answer, not from a reset.
    if (stopping) res.setHeader('Connection', 'close')
    o.app(req, res)
  }
  const server = createServer({ ...OPTIONS, ...timeoutsOf(o.requestTimeoutMs) }, serve)
  // Left to Node, every body would be asked for before anybody has looked at the request.
  server.on('checkContinue', serve)
  server.on('checkExpectation', serve)
  server.on('clientError', o.refuseUnreadable)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  /** Opened ahead, as browsers do, and never used: to Node they are waiting for their first request, not idle. */
  const cutSilent = () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }
  server.maxConnections = CONNECTIONS_MAX
  return {
    name: 'http server',
    start: async () => {
      server.listen(o.port, o.host)
      await once(server, 'listening')
    },
    stop: async () => {
      stopping = true
      await sleep(o.stopDelayMs)
      const closed = once(server, 'close')
      server.close()
      // Those that were busy just now are idle after their answer.
      const sweep = setInterval(() => {
        server.closeIdleConnections()
        cutSilent()
      }, 50)
      await closed.finally(() => clearInterval(sweep))
    },
    address: () => {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('The API does not listen')
      return { port: address.port }
    },
  }
}

function timeoutsOf(requestTimeout = REQUEST_TIMEOUT_MS) {
  return { requestTimeout, headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeout) }
}
