import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'

/**
 * Resolves when the headers of the answer have come. `signal` ends what is open of the request and of its answer.
 *
 * By Node.js' own client: undici, which `fetch` is made with, takes 7 MB more once it has called anybody, and as a package
 * 4 MB beside that.
 */
export function sendRequest(
  url: URL,
  { options, body, signal }: Readonly<{ options: https.RequestOptions; body: Buffer | undefined; signal: AbortSignal }>,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  signal.throwIfAborted()
  const request = (url.protocol === 'https:' ? https : http).request(url, options)
  let open: Readonly<{ destroy(error: Error): unknown }> = request
  const end = () => {
    const reason: unknown = signal.reason
    open.destroy(reason instanceof Error ? reason : new Error(String(reason)))
  }
  signal.addEventListener('abort', end)
  request.on('response', (answer) => {
    open = answer
    resolve(answer)
  })
  request.on('error', reject)
  request.on('close', () => signal.removeEventListener('abort', end))
  request.end(body)
  return promise
}
