import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Answer, writeAnswer } from './http/answer.ts'
import type { PhoneFeed } from './phone-feed.ts'
import { createPhonePage } from './phone-page.ts'

export type ServerParts = Readonly<{
  evolution(req: IncomingMessage): Promise<Answer>
  sandbox(req: IncomingMessage, url: URL): Promise<Answer>
  isLocal(req: IncomingMessage): boolean
  /** Whether the routes of Evolution answer at all. */
  takesCall(req: IncomingMessage): boolean
  feed: PhoneFeed
  /** Answers when the path is that of a file in a message. */
  media: Readonly<{ serve(path: string, req: IncomingMessage, res: ServerResponse): boolean }>
}>

const foreignName: Answer = {
  status: 403,
  body: { status: 403, message: 'Not under this name: it can be allowed by --allowed-hosts (SANDBOX_ALLOWED_HOSTS)' },
}

/** Tells the sandbox's own pages from the routes of Evolution, which are everything else. */
export function createSandboxServer(parts: ServerParts): Server {
  const phone = createPhonePage()

  return createServer((req, res) => {
    handle(req, res).catch((error: unknown) => {
      if (res.headersSent) res.destroy()
      else writeAnswer(req, res, { status: 500, body: { status: 500, message: String(error) } })
    })
  })

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = req.url ?? '/'
    const wantsPage = path === '/' && String(req.headers.accept).includes('text/html')
    if (wantsPage || path.startsWith('/sandbox/') || path.startsWith('/phone')) {
      return handleOwn(req, res, new URL(wantsPage ? '/phone' : path, 'http://sandbox'))
    }
    writeAnswer(req, res, parts.takesCall(req) ? await parts.evolution(req) : foreignName)
  }

  async function handleOwn(req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> {
    if (!parts.isLocal(req)) {
      return writeAnswer(req, res, foreignName)
    }
    if (
      ['GET', 'HEAD'].includes(req.method ?? '') &&
      (phone.serve(url.pathname, res) || parts.media.serve(url.pathname, req, res))
    )
      return
    if (req.method === 'GET' && url.pathname === '/sandbox/stream') return parts.feed.connect(res)
    writeAnswer(req, res, await parts.sandbox(req, url))
  }
}
