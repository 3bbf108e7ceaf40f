import { isUtf8 } from 'node:buffer'
import type { Request, RequestHandler, Response } from 'express'
import { ProblemError } from './problem.ts'

/**
 * The body as parsed JSON, an object or an array, in `req.body`; undefined when there is none, or one of another type.
 * Not `express.json`: that reads a body that is too large to its end before it says so, and takes bytes that are not
 * UTF-8 for text. Compressed bodies are refused: 64 KB of them can be gigabytes.
 * @param o.hint what to do instead of sending more, with a blank before it
 */
export function jsonBody(o: { bytesMax: number; hint?: string }): RequestHandler {
  return (req, res, next) => {
    const { headers } = req
    const length = headers['content-length']
    if (length === undefined && headers['transfer-encoding'] === undefined) return next()
    if (length !== undefined && Number(length) > o.bytesMax) throw tooLarge(o)
    if (!isJson(headers['content-type'])) return length === '0' ? next() : refuseType()
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
      throw new ProblemError('unsupported-media-type', 'The body must not be compressed.')
    }
    // Asked for only now: nobody sends ten megabytes to be told that they are too many.
    if (headers.expect !== undefined) res.writeContinue()
    return read(req, o, (body) => {
      if (body instanceof ProblemError) return next(body)
      req.body = body
      next()
    })
  }
}

/** The same within a route that has to know first who is calling: only then is a large body worth its memory. */
export function readJsonBody(o: { bytesMax: number }): (req: Request, res: Response) => Promise<void> {
  const body = jsonBody(o)
  return (req, res) =>
    new Promise((resolve, reject) => {
      void body(req, res, (err?: unknown) => (err instanceof Error ? reject(err) : resolve()))
    })
}

function read(req: Request, o: { bytesMax: number; hint?: string }, done: (body: unknown) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const finish = (body: unknown) => {
    req.off('data', take).off('end', parseAll).off('close', cutOff)
    done(body)
  }
  const take = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > o.bytesMax) return finish(tooLarge(o))
    chunks.push(chunk)
  }
  const parseAll = () => {
    const [only = Buffer.alloc(0)] = chunks
    finish(parsed(chunks.length > 1 ? Buffer.concat(chunks, bytes) : only))
  }
  const cutOff = () => finish(malformed('The body was cut off.'))
  req.on('data', take).on('end', parseAll).on('close', cutOff)
}

function parsed(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) return malformed('The body must be UTF-8.')
  try {
    const text = bytes.toString('utf8')
    const value: unknown = JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text)
    return typeof value === 'object' && value !== null ? value : malformed()
  } catch {
    return malformed()
  }
}

/** Windows' editors and shells put it in front. */
const BYTE_ORDER_MARK = '\ufeff'

function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false
  // What nearly everybody sends.
  if (contentType === 'application/json') return true
  const [type = '', ...parameters] = contentType.toLowerCase().split(';')
  if (type.trim() !== 'application/json') return false
  const charset = parameters.map((parameter) => CHARSET.exec(parameter)?.[1]).find((name) => name !== undefined)
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return true
  throw new ProblemError('unsupported-media-type', 'The body must be UTF-8.')
}

const CHARSET = /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/

function refuseType(): never {
  throw new ProblemError('unsupported-media-type', 'The body must be sent as application/json.')
}

function tooLarge({ bytesMax, hint = '' }: { bytesMax: number; hint?: string }): ProblemError {
  return new ProblemError('too-large', `The body is larger than the ${bytesMax} bytes that this route takes.${hint}`)
}

function malformed(message = 'The body must be a JSON object.'): ProblemError {
  return new ProblemError('malformed-json', message, { errors: [{ field: 'body', message }] })
}
