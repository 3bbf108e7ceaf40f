import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

export type Post = Readonly<{ url: string; headers: Readonly<Record<string, string>>; body: string }>

export type WebhookPosts = Readonly<{
  /** Ends when it was delivered or given up. */
  post(post: Post): Promise<void>
  stats(): { delivered: number; dropped: number }
  stop(): void
}>

type Waiting = Post & { tries: number; end(): void }

const CONCURRENCY = 32
const TRIES_MAX = 10
const FIRST_RETRY_MS = 5_000
const LAST_RETRY_MS = 300_000
const TRY_TIMEOUT_MS = 30_000
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 422])

/**
 * Posts as the real server does: in no promised order, up to ten tries 5 s apart and doubling, no second try after 400,
 * 401, 403, 404 or 422, and all forgotten on a restart. How much may wait is the caller's to bound.
 */
export function createWebhookPosts(o: { timeScale: number }): WebhookPosts {
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: CONCURRENCY }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: CONCURRENCY }),
  }
  let queue: Waiting[] = []
  let head = 0
  let active = 0
  let delivered = 0
  let dropped = 0
  let stopped = false

  return {
    post(post) {
      if (stopped) return Promise.resolve()
      return new Promise((resolve) => {
        queue.push({ ...post, tries: 0, end: resolve })
        pump()
      })
    },
    stats: () => ({ delivered, dropped }),
    stop() {
      stopped = true
      queue = []
      head = 0
      agents.http.destroy()
      agents.https.destroy()
    },
  }

  function pump(): void {
    while (active < CONCURRENCY) {
      const post = queue[head]
      if (post === undefined) break
      head += 1
      active += 1
      void deliver(post)
    }
    if (head > 1024 && head * 2 > queue.length) {
      queue = queue.slice(head)
      head = 0
    }
  }

  async function deliver(post: Waiting): Promise<void> {
    post.tries += 1
    const status = await postOnce(post, agents).catch(() => 0)
    active -= 1
    if (stopped) return
    const isDelivered = status >= 200 && status < 300
    if (!isDelivered && !FINAL_STATUSES.has(status) && post.tries < TRIES_MAX) retryLater(post)
    else {
      if (isDelivered) delivered += 1
      else dropped += 1
      post.end()
    }
    pump()
  }

  function retryLater(post: Waiting): void {
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (post.tries - 1)) * (0.8 + Math.random() * 0.4)
    setTimeout(() => {
      if (stopped) return
      queue.push(post)
      pump()
    }, delayMs * o.timeScale).unref()
  }
}

function postOnce(post: Post, agents: { http: HttpAgent; https: HttpsAgent }): Promise<number> {
  return new Promise((resolve, reject) => {
    const secure = post.url.startsWith('https:')
    const req = (secure ? httpsRequest : httpRequest)(post.url, {
      method: 'POST',
      agent: secure ? agents.https : agents.http,
      signal: AbortSignal.timeout(TRY_TIMEOUT_MS),
      headers: {
        ...post.headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(post.body),
      },
    })
    req.on('response', (res) => {
      res.resume()
      res.on('error', reject)
      res.on('end', () => resolve(res.statusCode ?? 0))
    })
    req.on('error', reject)
    // Also when the other side wants to speak another protocol, which is neither an answer nor an error.
    req.on('close', () => reject(new Error('closed without an answer')))
    req.end(post.body)
  })
}
