import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { Part } from './lifecycle.ts'
import { answerProbe, type ProbeSources } from './probe-answer.ts'

export type ProbeServer = Part &
  Readonly<{
    start(): Promise<void>
    stop(): Promise<void>
    /** @throws before `start` has succeeded */
    address(): { port: number }
  }>

/** `/livez`, `/readyz`, `/startupz`, `/metrics` and the service's own reports on a port of their own. First to start, last to stop. */
export function createProbeServer(o: ProbeSources & Readonly<{ host: string; port: number }>): ProbeServer {
  const server = createServer(listenerFor(o))
  return {
    name: 'probes',
    async start() {
      server.listen(o.port, o.host)
      await once(server, 'listening')
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      // An answer under way must not hold the process.
      server.closeAllConnections()
      await closed
    },
    address() {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('The probe server does not listen')
      return { port: address.port }
    },
  }
}

function listenerFor(sources: ProbeSources): RequestListener {
  return (req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/'
    void answerProbe(sources, path).then(
      ({ status, contentType, body }) => res.writeHead(status, { 'content-type': contentType }).end(body),
      // A metric whose collection fails must not take the process down.
      () => res.writeHead(500).end(),
    )
  }
}
