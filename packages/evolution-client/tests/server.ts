import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isRecord } from '../src/json.ts'

export type Seen = Readonly<{ method: string; url: string; headers: IncomingMessage['headers']; body: string }>

export type FakeServer = Readonly<{
  url: string
  seen: readonly Seen[]
  connections(): number
  [Symbol.asyncDispose](): Promise<void>
}>

/** A server that journals each request whole and then answers as told. */
export async function startServer(
  answer: (response: ServerResponse, request: Seen, incoming: IncomingMessage) => void,
  onBytes: (count: number) => void = () => {},
): Promise<FakeServer> {
  const seen: Seen[] = []
  let connections = 0
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      onBytes(chunk.length)
    })
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming
      const request = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') }
      seen.push(request)
      answer(response, request, incoming)
    })
  })
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    seen,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

export function portOf(address: unknown): number {
  if (!isRecord(address) || typeof address['port'] !== 'number') throw new Error('the server does not listen')
  return address['port']
}
