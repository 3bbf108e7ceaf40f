import type { Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import type { Request, Response } from 'express'
import { type FieldFault, invalidRequest, ProblemError } from './problem.ts'

/** The one file of a form. */
export type FilePart = Readonly<{
  /** As the caller calls it, without a path. */
  fileName: string | undefined
  /** What the caller says it is, without parameters; undefined also for text/plain, which is what a part without a type is. */
  declaredType: string | undefined
  /** To be read to its end. It ends when the whole form has, and throws a ProblemError when that is not as it has to be. */
  bytes: AsyncIterable<Buffer>
}>

/** A client who sends nothing for so long is gone. */
const SILENCE_MAX_MS = 20_000

/** The name of a file has 255 characters at most, of up to four bytes and each of these in three characters. */
const PART_HEADER_BYTES_MAX = 8192

/**
 * Reads a body of multipart/form-data that has one part, `file`, as it comes: what is held of it is what the stream holds,
 * a few dozen KB.
 * @param signal aborted with the ProblemError to end with
 * @throws {ProblemError} 400, 408, 415, and what `use` throws
 */
export async function readMultipartFile<T>(
  { req, res, signal }: Readonly<{ req: Request; res: Response; signal: AbortSignal }>,
  use: (part: FilePart) => Promise<T>,
): Promise<T> {
  const form = openForm(req)
  const part = Promise.withResolvers<FilePart>()
  const whole = Promise.withResolvers<void>()
  let file: Readable | undefined
  const fail = (problem: Error): void => {
    part.reject(problem)
    whole.reject(problem)
    file?.destroy(problem)
  }
  // Whoever waits for neither of them any more has failed himself.
  part.promise.catch(() => {})
  whole.promise.catch(() => {})

  form.on('file', (...[name, stream, fileName, , type]) => {
    stream.on('error', () => {})
    if (name === 'file' && file === undefined) {
      file = stream
      part.resolve({ fileName, declaredType: claimOf(type), bytes: bytesOf(stream, whole.promise) })
      return
    }
    stream.resume()
    fail(name === 'file' ? faulty('must be one file') : faulty('is not a known field', String(name).slice(0, 100)))
  })
  form.on('partsLimit', () => fail(faulty('must be the only part', 'body')))
  form.on('finish', () => (file === undefined ? fail(faulty('is required')) : whole.resolve()))
  form.on('error', () => fail(faulty('is no form that can be read', 'body')))

  const silence = setTimeout(() => fail(tooSlow()), SILENCE_MAX_MS)
  const cutOff = () => req.complete || fail(faulty('was cut off', 'body'))
  const abort = () => fail(signal.reason instanceof Error ? signal.reason : tooSlow())
  const heard = () => void silence.refresh()
  req.on('data', heard).once('close', cutOff)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    if (req.headers.expect !== undefined) res.writeContinue()
    req.pipe(form)
    return await use(await part.promise)
  } finally {
    clearTimeout(silence)
    signal.removeEventListener('abort', abort)
    req.unpipe(form).off('data', heard).off('close', cutOff)
    file?.destroy()
  }
}

function openForm({ headers }: Request): BusboyInstance {
  const { 'content-type': contentType = '', 'content-encoding': encoding = 'identity' } = headers
  if (!/^multipart\/form-data\b/i.test(contentType)) {
    throw new ProblemError('unsupported-media-type', 'The body must be sent as multipart/form-data.')
  }
  if (encoding !== 'identity') throw new ProblemError('unsupported-media-type', 'The body must not be compressed.')
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': contentType },
      // A part is a file whether it has a name of one or not.
      isPartAFile: () => true,
      limits: { parts: 2, headerPairs: 20, headerSize: PART_HEADER_BYTES_MAX },
    })
  } catch {
    throw faulty('must be named with a boundary', 'Content-Type')
  }
}

async function* bytesOf(stream: Readable, whole: Promise<void>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk
  await whole
}

function claimOf(type: string): string | undefined {
  return /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(type) && type !== 'text/plain' ? type : undefined
}

function faulty(message: string, field: FieldFault['field'] = 'file'): ProblemError {
  return invalidRequest([{ field, message }])
}

function tooSlow(): ProblemError {
  return new ProblemError('request-timeout', 'The file did not arrive in time.')
}
