import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

export type Post = Readonly<{ id: string; path: string; headers: IncomingHttpHeaders; body: string }>

/** What customers run: a server that is posted to. Answers 204 unless told otherwise. */
export async function startReceiver(port = 0) {
  const posts: Post[] = []
  let answer = (_post: Post, res: ServerResponse): unknown => res.writeHead(204).end()
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { headers, url: path = '' } = req
      const post = { id: String(headers['webhook-id']), path, headers, body: Buffer.concat(chunks).toString('utf8') }
      posts.push(post)
      answer(post, res)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('listens on no port')
  const url = `http://127.0.0.1:${address.port}`
  return {
    url,
    port: address.port,
    /** In the order of their coming. */
    posts,
    to: (path: string) => posts.filter((post) => post.path === path),
    answerWith: (next: typeof answer) => {
      answer = next
    },
    close: async (): Promise<void> => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
