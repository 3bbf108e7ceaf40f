import { createHash } from 'node:crypto'
import type { MediaFile, MediaFiles } from '@whatsapp-sender/store'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import { bytesMaxOf, type MediaKind, tooLargeFor, whyUnfit } from './media-kinds.ts'
import { HEAD_BYTES, sniffType } from './sniff-type.ts'

/** A file as it comes in. */
type IncomingFile = Readonly<{
  fileName: string | undefined
  declaredType: string | undefined
  bytes: AsyncIterable<Buffer>
}>

export type TakeFile = (
  o: Readonly<{
    user: string
    id: string
    file: IncomingFile
    /** Where the caller wrote it, for faults. */
    field: string
    /** What it is for; undefined: for whatever it is fit. */
    kind: MediaKind | undefined
    /** As far as the caller has told. */
    bytesMax?: number | undefined
  }>,
) => Promise<MediaFile | 'exists'>

/** Of one user. */
const FILES_MAX = 5000

/**
 * Takes a file in, from its first byte to its last without ever holding it: its type is told by its beginning, its size
 * is bounded as it comes, and one that does not become a file leaves nothing behind.
 * @throws {ProblemError} 400, 409, 413, 503, and what the bytes throw
 */
export function createTakeFile(o: {
  files: Pick<MediaFiles, 'reserve' | 'write' | 'complete' | 'discard'>
  ttlMs: number
  /** Of any one file. */
  fileBytesMax: number
  /** Of all files of a user. */
  userBytesMax: number
  /** The database failed, as against the caller. */
  isStoreError(error: unknown): boolean
}): TakeFile {
  const { files } = o
  const room = { filesMax: FILES_MAX, bytesMax: o.userBytesMax }

  return async ({ user, id, file, field, kind, bytesMax }) => {
    const source = file.bytes[Symbol.asyncIterator]()
    const head = await readHead(source)
    const { type, ending } = await judgeFile({ head, size: 0, declaredType: file.declaredType, field, kind })

    const limit = Math.min(o.fileBytesMax, kind === undefined ? Number.POSITIVE_INFINITY : bytesMaxOf(kind))
    const reserved = await files.reserve({ id, user, bytesMax: Math.min(limit, bytesMax ?? limit) }, room)
    if (reserved === 'exists') return 'exists'
    if (reserved === 'full') throw full(o.userBytesMax)

    const meter = createMeter(limit, () => tooLarge({ field, kind, limit, fileBytesMax: o.fileBytesMax }))
    await files.write(id, measured(head, source, meter.see)).catch(async (error: unknown) => {
      // A chunk may still be on its way: what is left of it goes when its time to be written is over.
      if (!o.isStoreError(error)) await files.discard(id)
      throw error
    })
    const fileName = fileNameOf(file.fileName, ending)
    const expiresAt = new Date(Date.now() + o.ttlMs)
    const taken = await files.complete(id, { ...meter.facts(), type, fileName, expiresAt })
    if (taken !== undefined) return taken
    await files.discard(id)
    throw new ProblemError('unavailable', 'The file took too long. Send it again.', { retryAfterSeconds: 1 })
  }
}

/** What a file is whose bytes are not kept: read to its end, and bounded as one that is. */
export async function measureFile(
  file: IncomingFile,
  limit: number,
): Promise<Readonly<{ size: number; sha256: string }>> {
  const meter = createMeter(limit, () => tooLarge({ field: 'file', kind: undefined, limit, fileBytesMax: limit }))
  for await (const chunk of file.bytes) meter.see(chunk)
  return meter.facts()
}

/**
 * What a file is, by its beginning, if it may be that.
 * @throws {ProblemError} 400
 */
export async function judgeFile(
  o: Readonly<{
    head: Buffer
    /** As far as it is known. */
    size: number
    declaredType: string | undefined
    field: string
    kind: MediaKind | undefined
  }>,
): Promise<Readonly<{ type: string; ending?: string | undefined }>> {
  const faulty = (message: string) => invalidRequest([{ field: o.field, message }])
  if (o.head.length === 0) throw faulty('must not be empty')
  const sniffed = await sniffType(o.head, o.declaredType)
  if ('fault' in sniffed) throw faulty(sniffed.fault)
  const unfit = o.kind && whyUnfit(o.kind, { type: sniffed.type, size: o.size })
  if (unfit !== undefined) throw faulty(unfit)
  return sniffed
}

async function readHead(source: AsyncIterator<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let bytes = 0; bytes < HEAD_BYTES; ) {
    const next = await source.next()
    if (next.done === true) break
    chunks.push(next.value)
    bytes += next.value.length
  }
  return Buffer.concat(chunks)
}

/** Counts and hashes what passes, up to `limit` bytes. */
function createMeter(limit: number, tooLarge: () => Error) {
  const hash = createHash('sha256')
  let size = 0
  return {
    see: (chunk: Buffer): Buffer => {
      size += chunk.length
      if (size > limit) throw tooLarge()
      hash.update(chunk)
      return chunk
    },
    facts: () => ({ size, sha256: hash.digest('hex') }),
  }
}

/** What was read already, then the rest, measured on its way. */
async function* measured(
  head: Buffer,
  rest: AsyncIterator<Buffer>,
  see: (chunk: Buffer) => Buffer,
): AsyncGenerator<Buffer> {
  yield see(head)
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield see(next.value)
}

function tooLarge(o: {
  field: string
  kind: MediaKind | undefined
  limit: number
  fileBytesMax: number
}): ProblemError {
  const isOfKind = o.kind !== undefined && o.limit < o.fileBytesMax
  const message = isOfKind && o.kind ? tooLargeFor(o.kind) : `is larger than the ${o.limit} bytes that a file may have`
  return new ProblemError('too-large', `${o.field}: ${message}`, { errors: [{ field: o.field, message }] })
}

function full(bytesMax: number): ProblemError {
  const message = `A user has ${FILES_MAX} files of ${bytesMax} bytes together at most. Delete some that no message needs.`
  return new ProblemError('media-limit', message)
}

const NAME_LENGTH_MAX = 200

/** A name without a path, as a message may give it on. */
function fileNameOf(name: string | undefined, ending: string | undefined): string {
  const plain = (name ?? '').replaceAll(/[/\\\p{Cc}\p{Cs}]/gu, '').trim()
  const cut = [...plain].slice(0, NAME_LENGTH_MAX).join('').slice(0, 255)
  return cut === '' ? `file${ending === undefined ? '' : `.${ending}`}` : cut
}
