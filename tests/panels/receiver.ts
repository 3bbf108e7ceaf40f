import { once } from 'node:events'
import { createServer } from 'node:http'

/** Endpoints of webhooks: one takes what comes, one fails, one is gone. */
export type Receiver = Readonly<{ addressOf(path: keyof typeof STATUSES): string; stop(): Promise<void> }>

const STATUSES = { taken: 204, failing: 500, gone: 410 } as const

export async function startReceiver(): Promise<Receiver> {
  const byPath = new Map(Object.entries(STATUSES).map(([path, status]) => [`/${path}`, status]))
  const server = createServer((req, res) => {
    req.resume()
    res.writeHead(byPath.get(req.url ?? '') ?? 404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  return {
    addressOf: (path) => `http://127.0.0.1:${address.port}/${path}`,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
