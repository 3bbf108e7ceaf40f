import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** An endpoint of webhooks that fails, and answers with all that it was sent. */
export async function startEchoingReceiver() {
  let answered = 0
  const server = createServer((req, res) => {
    void buffer(req).then((body) => {
      answered += 1
      res
        .writeHead(500, { 'x-address': req.url ?? '' })
        .end(`${req.url} ${JSON.stringify(req.headers)} ${body.toString()}`)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  return {
    addressOf: (word: string) => `http://127.0.0.1:${address.port}/${word}?token=${word}`,
    answered: () => answered,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
