import { errorAnswer } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import { createMediaFetcher } from '../media/fetch-media.ts'
import { isUrl } from '../media/media-address.ts'
import type { DraftSource } from './send-kind.ts'

export type LoadedMedia = Readonly<{
  kind: 'loaded'
  bytes: Buffer | undefined
  mimetype: string | undefined
  /** What the file was called where it came from. */
  name: string | undefined
  url: string | undefined
}>

type NotLoaded = Readonly<{ kind: 'failed'; answer: Answer }>

const fetchMedia = createMediaFetcher({ bytesMax: 32 * 1024 * 1024, atOnceMax: 4 })

/**
 * The file of a message: uploaded, or `value` as a URL or base64. The real server fetches for the Baileys channel only;
 * elsewhere a miss just leaves the phone without a picture.
 */
export async function loadMedia({ file, instance }: DraftSource, value: string): Promise<LoadedMedia | NotLoaded> {
  const nothing = { kind: 'loaded', bytes: undefined, mimetype: undefined, name: undefined, url: undefined } as const
  if (file !== undefined) return { ...nothing, bytes: file.bytes, mimetype: file.mimetype, name: file.fileName }
  if (!isUrl(value)) return { ...nothing, bytes: Buffer.from(value, 'base64') }
  const named = { ...nothing, name: nameIn(value), url: value }
  const fetched = await fetchMedia(value)
  if (fetched.kind === 'fetched') return { ...named, bytes: fetched.bytes, mimetype: fetched.mimetype }
  return instance.integration === 'WHATSAPP-BAILEYS'
    ? { kind: 'failed', answer: errorAnswer(500, [fetched.reason]) }
    : named
}

function nameIn(url: string): string | undefined {
  return /\/([^/?#]+)(?:[?#]|$)/.exec(url.replace(/^\w+:\/\/[^/]*/, ''))?.[1]
}
