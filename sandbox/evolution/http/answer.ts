import { hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { type Manner, writeOddly } from './odd-answer.ts'

/** What a route decides; `hang-up` resets the connection instead of answering. */
export type Answer =
  | Readonly<{ status: number; body: unknown; headers?: Readonly<Record<string, string>>; manner?: Manner }>
  | 'hang-up'

const GZIP_FROM_BYTES = 1024

/** Writes an answer with the headers Express gives it in the real server. */
export function writeAnswer(req: IncomingMessage, res: ServerResponse, answer: Answer): void {
  if (answer === 'hang-up') {
    req.socket.destroy()
    return
  }
  if (answer.manner !== undefined) {
    writeOddly(req, res, { ...answer, manner: answer.manner })
    return
  }
  const text = JSON.stringify(answer.body) ?? ''
  const length = Buffer.byteLength(text)
  const headers = {
    'X-Powered-By': 'Express',
    'Content-Type': 'application/json; charset=utf-8',
    Vary: 'Origin, Accept-Encoding',
    ETag: `W/"${length.toString(16)}-${hash('sha1', text, 'base64').slice(0, 27)}"`,
    ...answer.headers,
  }
  if (length > GZIP_FROM_BYTES && String(req.headers['accept-encoding']).includes('gzip')) {
    const packed = gzipSync(text)
    res.writeHead(answer.status, { ...headers, 'Content-Encoding': 'gzip', 'Content-Length': packed.length })
    res.end(packed)
    return
  }
  res.writeHead(answer.status, { ...headers, 'Content-Length': length })
  res.end(text)
}
