import { createHash } from 'node:crypto'
import { messageIdFor } from '@whatsapp-sender/contract'
import type { MediaFiles } from '@whatsapp-sender/store'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import { isMediaKind } from '../media/media-kinds.ts'
import { judgeFile, type TakeFile } from '../media/take-file.ts'

/** A small file that stands in the body of its message. */
export type InlineFile = Readonly<{
  id: string
  bytes: Buffer
  declaredType: string | undefined
  fileName: string | undefined
}>

/**
 * The body with the file taken out, and named by an id instead: `media.base64`, with `data:…;base64,` before it or without.
 * The same bytes of the same user have the same id, so a repeated call says the same.
 * @throws {ProblemError} 400
 */
export function takeOutFile(body: unknown, user: string): Readonly<{ body: unknown; inline?: InlineFile }> {
  if (!isFields(body) || !isFields(body['media'])) return { body }
  const { base64, ...media } = body['media']
  // Of two files the schema says that they are one too many.
  if (base64 === undefined || 'url' in media || 'id' in media) return { body }
  const { bytes, type } = decoded(base64)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const id = messageIdFor(user, `media\0${sha256}`)
  const declaredType = textIn(media, 'mimetype') ?? type
  const inline = { id, bytes, declaredType, fileName: textIn(media, 'fileName') }
  return { body: { ...body, media: { ...media, id } }, inline }
}

/** Sees to it that a file which came with its message is there, as if it had been uploaded; a trial only judges it. */
export type KeepInline = (
  o: Readonly<{ user: string; type: string; inline: InlineFile; isTrial: boolean }>,
) => Promise<void>

export function createKeepInline(o: { takeFile: TakeFile; findMedia: MediaFiles['find'] }): KeepInline {
  return async ({ user, type, inline: { id, bytes, declaredType, fileName }, isTrial }) => {
    const kind = isMediaKind(type) ? type : undefined
    const said = { declaredType, field: 'media.base64', kind }
    if (isTrial) return void (await judgeFile({ head: bytes, size: bytes.length, ...said }))
    if ((await o.findMedia(user, id)) !== undefined) return
    const file = { fileName, declaredType, bytes: inOnePiece(bytes) }
    const taken = await o.takeFile({ user, id, file, field: 'media.base64', kind, bytesMax: bytes.length })
    if (taken === 'exists') throw busy()
  }
}

/** Another call is about to store the same, or it is just being removed. */
function busy(): ProblemError {
  return new ProblemError('unavailable', 'This file is being stored or removed just now.', { retryAfterSeconds: 1 })
}

const DATA_PREFIX = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w-]+=[\w.-]+)*;base64,/i

function decoded(base64: unknown): Readonly<{ bytes: Buffer; type: string | undefined }> {
  if (typeof base64 !== 'string') throw faulty('must be a text')
  const [prefix = '', type] = DATA_PREFIX.exec(base64) ?? []
  const digits = base64.slice(prefix.length).replaceAll(/[\r\n]/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(digits) || digits.length % 4 !== 0) throw faulty('must be base64')
  return { bytes: Buffer.from(digits, 'base64'), type }
}

function faulty(message: string): ProblemError {
  return invalidRequest([{ field: 'media.base64', message }])
}

async function* inOnePiece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

function textIn(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
