import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Where connections go, and where it is asked whether any should. */
export type Backend = Readonly<{ port: number; readyUrl: string }>

export type TcpBalancer = Readonly<{
  url: string
  add(backend: Backend): void
  /** How many connections were ever made. */
  connections(): number
  stop(): Promise<void>
}>

const LOOKS_EVERY_MS = 250
const LOOK_TIMEOUT_MS = 1000

/**
 * As a Service of Kubernetes does: each new connection goes to the next backend in turn that was ready a moment ago, and
 * stays with it whatever becomes of that.
 */
export async function startTcpBalancer(): Promise<TcpBalancer> {
  const ready = new Map<Backend, boolean>()
  const stopping = new AbortController()
  const sockets = new Set<Socket>()
  let made = 0

  const server = createServer((client) => {
    made += 1
    const backends = [...ready].flatMap(([backend, isReady]) => (isReady ? [backend] : []))
    const backend = backends[made % backends.length]
    if (backend === undefined) {
      client.destroy()
      return
    }
    join(client, connect(backend.port, '127.0.0.1'))
  })

  function join(client: Socket, upstream: Socket): void {
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      // Whoever is at the other end sees what happened at this one.
      one.on('error', () => other.resetAndDestroy())
      one.on('close', () => sockets.delete(one))
    }
  }

  async function look(backend: Backend): Promise<void> {
    while (!stopping.signal.aborted) {
      ready.set(backend, await isReady(backend))
      await wait(LOOKS_EVERY_MS)
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the balancer does not listen')
  return {
    url: `http://127.0.0.1:${address.port}`,
    add: (backend) => {
      ready.set(backend, true)
      void look(backend)
    },
    connections: () => made,
    stop: async () => {
      stopping.abort()
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function isReady({ readyUrl }: Backend): Promise<boolean> {
  try {
    const response = await fetch(readyUrl, { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}
