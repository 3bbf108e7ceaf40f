import { once } from 'node:events'
import { createServer } from 'node:http'

export type FileServer = Awaited<ReturnType<typeof serveFiles>>

/** Files at addresses that a gateway on this machine can fetch; any other name is 404. */
export async function serveFiles(files: Readonly<Record<string, Buffer>>) {
  const server = createServer((req, res) => {
    const bytes = files[req.url?.slice(1) ?? '']
    if (bytes === undefined) res.writeHead(404).end()
    else res.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const url = `http://127.0.0.1:${address.port}`
  return {
    addressOf: (name: string) => `${url}/${name}`,
    bytesOf: (name: string) => files[name]?.length,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
