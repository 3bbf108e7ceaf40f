import { once } from 'node:events'
import { createServer } from 'node:http'

/** Takes traces, and throws them away. */
export async function startCollector(
  cleanups: AsyncDisposableStack,
): Promise<Readonly<{ url: string; bytes(): number }>> {
  let bytes = 0
  const server = createServer((req, res) => {
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    req.on('end', () => res.writeHead(200).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the collector listens on no port')
  return { url: `http://127.0.0.1:${address.port}`, bytes: () => bytes }
}
