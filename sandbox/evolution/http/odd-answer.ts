import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Ways to answer that no sane server has, but networks and proxies do: byte after byte, with a page instead of JSON,
 * with JSON that ends too early, or with bytes that are no HTTP.
 */
export type Manner = Readonly<
  { kind: 'drip'; bytes: number; everyMs: number } | { kind: 'html' | 'cut-json' | 'broken-http' }
>

type OddAnswer = Readonly<{ status: number; body: unknown; manner: Manner }>

export function writeOddly(req: IncomingMessage, res: ServerResponse, { status, body, manner }: OddAnswer): void {
  const text = Buffer.from(JSON.stringify(body) ?? '')
  const json = { 'Content-Type': 'application/json; charset=utf-8' }
  switch (manner.kind) {
    case 'drip':
      res.writeHead(status, { ...json, 'Content-Length': text.length })
      drip(res, text, manner)
      return
    case 'html':
      res.writeHead(status, { 'Content-Type': 'text/html' })
      res.end('<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>')
      return
    case 'cut-json':
      res.writeHead(status, json)
      res.end(text.subarray(0, Math.floor(text.length / 2)))
      return
    case 'broken-http':
      req.socket.end('HTTP/1.1 what? {"status":\r\n:::\r\n\r\n')
  }
}

function drip(res: ServerResponse, text: Buffer, { bytes, everyMs }: Extract<Manner, { kind: 'drip' }>): void {
  let at = 0
  // So that the caller sees the headers, and then waits.
  res.flushHeaders()
  const timer = setInterval(() => {
    res.write(text.subarray(at, at + bytes))
    at += bytes
    if (at < text.length) return
    clearInterval(timer)
    res.end()
  }, everyMs).unref()
  res.on('close', () => clearInterval(timer))
}
