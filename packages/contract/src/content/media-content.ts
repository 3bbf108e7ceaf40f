import { z } from 'zod'
import { Mentions, Quoting } from './message-reference.ts'
import { words } from './words.ts'

/** Evolution's own check (validator.js `isURL`) takes shorter ones than 2,083 characters only. */
const URL_LENGTH_MAX = 2082

/** Meta's API, for the caption of an image, a video and a document. */
const CAPTION_LENGTH_MAX = 1024

/**
 * The address of a file as Evolution can fetch it: http(s), no credentials in it, and a host that is an address or has a
 * dot (Evolution refuses `http://minio/…`). Whether the host may be asked at all is checked where the address comes in.
 */
export const FileAddress = z
  .string()
  .max(URL_LENGTH_MAX)
  .superRefine((text, ctx) => {
    const fault = faultOf(text)
    if (fault !== undefined) ctx.addIssue(fault)
  })

function faultOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:\/\/\S+$/.test(text))
    return 'must be an address, such as https://example.com/picture.jpg'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  return /[.:]/.test(url.hostname) ? undefined : 'must have a host with a dot in its name'
}

/** A file by its address, or one of the user's own by its id. `mimetype` and `fileName` count before what the file says of itself. */
const Media = z
  .strictObject({
    url: FileAddress.optional(),
    id: z.uuid('must be the id of a file').toLowerCase().optional(),
    mimetype: z
      .string()
      .max(100)
      .regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.,+-]+)*$/, 'must be a media type, such as image/jpeg')
      .optional(),
    /** As file systems have it. */
    fileName: words(255)
      .refine((name) => !/[/\\\p{Cc}]/u.test(name), 'must be a name without a path')
      .optional(),
  })
  .transform(({ url, id, ...named }, ctx) => {
    if (url !== undefined && id === undefined) return { url, ...named }
    if (id !== undefined && url === undefined) return { id, ...named }
    ctx.addIssue('must name one file')
    return z.NEVER
  })
export type Media = Readonly<z.infer<typeof Media>>

const captioned = {
  media: Media,
  caption: words(CAPTION_LENGTH_MAX).optional(),
  mentions: Mentions.optional(),
  ...Quoting,
}

const bare = { media: Media, ...Quoting }

/** WhatsApp shows a picture, plays a film, offers a file. */
export const ImageContent = z.strictObject(captioned)
export const VideoContent = z.strictObject(captioned)
export const DocumentContent = z.strictObject(captioned)
/** A piece of sound with a play button; a voice note is shown as if it was spoken into the phone. */
export const AudioContent = z.strictObject(bare)
export const VoiceContent = z.strictObject(bare)
/** Evolution makes a WebP of 512 x 512 of it. */
export const StickerContent = z.strictObject(bare)
export const RoundVideoContent = z.strictObject(bare)
