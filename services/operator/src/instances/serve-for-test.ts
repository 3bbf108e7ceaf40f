import { createServer, type RequestListener } from 'node:http'
import { after } from 'node:test'

/** The address of a server that ends with the tests of this file. */
export async function serveForTest(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('It does not listen')
  return `http://127.0.0.1:${address.port}`
}
