import { createServer, type IncomingHttpHeaders } from 'node:http'
import { json } from 'node:stream/consumers'
import { isJsonObject, type JsonObject } from './json.ts'

export type Received = Readonly<{ path: string; headers: IncomingHttpHeaders; envelope: JsonObject; at: number }>

/** What a test's webhooks are sent to; `answers` are the next statuses, 200 when there are none. */
export async function startWebhookReceiver() {
  const received: Received[] = []
  const answers: number[] = []
  const server = createServer((req, res) => {
    void json(req).then((body) => {
      const envelope = isJsonObject(body) ? body : {}
      received.push({ path: req.url ?? '', headers: req.headers, envelope, at: performance.now() })
      res.writeHead(answers.shift() ?? 200).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answers,
    of: (instance: string) => received.filter(({ envelope }) => envelope['instance'] === instance),
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
