import type { IncomingMessage, ServerResponse } from 'node:http'

/** A connection is worth reading this much of a body that nobody wants. */
const UNREAD_BYTES_MAX = 64 * 1024
const LINGER_MS = 500

/**
 * Ends an answer. When much of the body is still to come, or nobody knows how much, so does the connection: after a
 * moment in which what comes is thrown away, for a socket shut with bytes unread is reset, and the reset can overtake the
 * answer.
 */
export function endAnswer(req: IncomingMessage, res: ServerResponse, body: string): void {
  if (req.complete || unreadBytesMax(req) <= UNREAD_BYTES_MAX) {
    res.end(body)
    return
  }
  res.setHeader('Connection', 'close')
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.write(body)
  const end = () => {
    clearTimeout(timer)
    res.end()
  }
  const timer = setTimeout(end, LINGER_MS)
  req.once('end', end).once('close', end).resume()
}

function unreadBytesMax({ headers }: IncomingMessage): number {
  if (headers['transfer-encoding'] !== undefined) return Number.POSITIVE_INFINITY
  return Number(headers['content-length'] ?? 0)
}
