import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { type ExportedSpan, spansOf } from './otlp-spans.ts'

/** What takes the place of Jaeger or Tempo: a server that takes OTLP over HTTP, and keeps what it was given. */
export type TraceCollector = Readonly<{
  url: string
  spans(): readonly ExportedSpan[]
  /** Of one message, in the order of their beginnings. */
  spansOf(messageId: string): readonly ExportedSpan[]
  /** Everything that was posted, as bytes: whoever looks for what must not be there. */
  bytes(): readonly Buffer[]
  headers(): readonly IncomingHttpHeaders[]
  /** Takes nothing any more, or again. */
  answerWith(answer: (res: ServerResponse) => unknown): void
  close(): Promise<void>
}>

export const taken = (res: ServerResponse): unknown =>
  res.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()

export async function startTraceCollector(): Promise<TraceCollector> {
  const bodies: Buffer[] = []
  const headers: IncomingHttpHeaders[] = []
  let answer = taken
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      if (req.url !== '/v1/traces') return void res.writeHead(404).end()
      if (answer === taken) {
        const body = Buffer.concat(chunks)
        bodies.push(req.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
        headers.push(req.headers)
      }
      answer(res)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('listens on no port')
  const spans = () => bodies.flatMap(spansOf)
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    spansOf: (messageId) =>
      spans()
        .filter(({ attributes }) => attributes['whatsapp.message.id'] === messageId)
        .sort((a, b) => a.startedAt - b.startedAt),
    bytes: () => bodies,
    headers: () => headers,
    answerWith: (next) => {
      answer = next
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
