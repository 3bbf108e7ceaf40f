import { hash, randomBytes } from 'node:crypto'
import { businessChannelLacks, errorAnswer, evolutionChannelLacks, sendErrors } from '../../error-bodies.ts'
import type { Answer } from '../../http/answer.ts'
import type { EvolutionInstance, Integration } from '../../instances.ts'
import { jidOf } from '../../jid.ts'
import { type JsonObject, stringOf } from '../../json.ts'
import { magicOf } from '../../magic-numbers.ts'
import { isBase64, isUrl } from '../../media/media-address.ts'
import type { MediaStore } from '../../media/media-store.ts'
import { mimetypeOf } from '../../media/mimetype.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf } from '../draft-options.ts'
import { type LoadedMedia, loadMedia } from '../load-media.ts'
import type { Media, MessageContent } from '../message-content.ts'
import { schemas } from '../schema.ts'
import type { DraftSource, SendKind } from '../send-kind.ts'
import type { UploadedFile } from '../uploaded-file.ts'

type MediaParts = Readonly<{ messages: Messages; media: MediaStore }>

/** The four routes that carry a file, by URL, base64 or upload. */
export function mediaKinds(parts: MediaParts): SendKind[] {
  return [
    {
      route: 'sendMedia',
      method: 'mediaMessage',
      schema: schemas.media,
      takesFile: true,
      check: checkMedia,
      draft: (source) => draftOf(parts, source, mediaPlan(source.fields)),
    },
    {
      route: 'sendWhatsAppAudio',
      method: 'audioWhatsapp',
      schema: schemas.audio,
      takesFile: true,
      check: (fields, file) => (isGiven(fields['audio'], file) ? undefined : sendErrors.audioNowhere),
      draft: (source) =>
        source.instance.integration === 'EVOLUTION' && source.file === undefined
          ? sendErrors.fileNotRead
          : draftOf(parts, source, { ...VOICE, presence: 'recording' }),
    },
    {
      route: 'sendSticker',
      method: 'mediaSticker',
      schema: schemas.sticker,
      takesFile: true,
      check: (fields, file) => (isGiven(fields['sticker'], file) ? undefined : sendErrors.mediaNowhere),
      missingOn: { EVOLUTION: evolutionChannelLacks, 'WHATSAPP-BUSINESS': businessChannelLacks },
      draft: (source) => draftOf(parts, source, STICKER),
    },
    {
      route: 'sendPtv',
      method: 'ptvMessage',
      schema: schemas.roundVideo,
      takesFile: true,
      check: (fields, file) => (isGiven(fields['video'], file) ? undefined : sendErrors.mediaNowhere),
      missingOn: notAFunction('ptvMessage'),
      draft: (source) => draftOf(parts, source, ROUND_VIDEO),
    },
  ]
}

type Plan = Readonly<{
  field: string
  kind: 'image' | 'video' | 'document' | 'audio' | 'voice' | 'sticker' | 'round-video'
  messageType: string
  presence?: 'recording'
  /** Taken when neither the bytes nor a name tell. */
  mimetype: string
}>

const VOICE: Plan = { field: 'audio', kind: 'voice', messageType: 'audioMessage', mimetype: 'audio/ogg; codecs=opus' }
const STICKER: Plan = { field: 'sticker', kind: 'sticker', messageType: 'stickerMessage', mimetype: 'image/webp' }
const ROUND_VIDEO: Plan = { field: 'video', kind: 'round-video', messageType: 'ptvMessage', mimetype: 'video/mp4' }
const BY_MEDIATYPE: Readonly<Record<string, Plan>> = {
  image: { field: 'media', kind: 'image', messageType: 'imageMessage', mimetype: 'image/png' },
  video: { field: 'media', kind: 'video', messageType: 'videoMessage', mimetype: 'video/mp4' },
  audio: { field: 'media', kind: 'audio', messageType: 'audioMessage', mimetype: 'audio/mpeg' },
}
const DOCUMENT: Plan = {
  field: 'media',
  kind: 'document',
  messageType: 'documentMessage',
  mimetype: 'application/octet-stream',
}

function mediaPlan(fields: JsonObject): Plan {
  return BY_MEDIATYPE[String(fields['mediatype'])] ?? DOCUMENT
}

function notAFunction(method: string): Partial<Record<Integration, Answer>> {
  const answer = errorAnswer(500, `this.waMonitor.waInstances[instanceName].${method} is not a function`)
  return { EVOLUTION: answer, 'WHATSAPP-BUSINESS': answer }
}

function checkMedia(fields: JsonObject, file: UploadedFile | undefined): Answer | undefined {
  const { media, fileName, mediatype } = fields
  const isNameless = !fileName && mediatype === 'document' && typeof media === 'string' && isBase64(media)
  if (isNameless) return sendErrors.fileNameMissing
  return isGiven(media, file) ? undefined : sendErrors.mediaNowhere
}

function isGiven(value: unknown, file: UploadedFile | undefined): boolean {
  return file !== undefined || (typeof value === 'string' && (isUrl(value) || isBase64(value)))
}

async function draftOf(parts: MediaParts, source: DraftSource, plan: Plan) {
  const { fields, instance } = source
  const loaded = await loadMedia(source, stringOf(fields[plan.field]) ?? '')
  if (loaded.kind === 'failed') return loaded.answer
  const options = optionsOf(fields, parts.messages)
  const fault = uploadFault(instance, options.number)
  if (fault !== undefined) return fault
  const file: FileFacts = factsOf(source, plan, loaded)
  const message =
    instance.integration === 'EVOLUTION'
      ? { mediaUrl: loaded.url ?? null }
      : { [plan.messageType]: wireMessage(plan, file, loaded.bytes) }
  return {
    ...options,
    presence: plan.presence ?? options.presence,
    said: contentOf(plan, file, keep(parts.media, file, loaded.bytes)),
    messageType: plan.messageType,
    message,
  }
}

type FileFacts = Readonly<{ mimetype: string; fileName: string | undefined; caption: string | undefined }>

/** What the caller says of the file counts before what the file says of itself. */
function factsOf({ fields }: DraftSource, plan: Plan, { bytes, mimetype, name }: LoadedMedia): FileFacts {
  const fileName = stringOf(fields['fileName']) ?? name
  return {
    fileName,
    mimetype:
      stringOf(fields['mimetype']) ?? mimetypeOf({ bytes, name: fileName, fallback: mimetype ?? plan.mimetype }),
    caption: stringOf(fields['caption']),
  }
}

function keep(media: MediaStore, { mimetype, fileName }: FileFacts, bytes: Buffer | undefined): Media | null {
  return bytes === undefined ? null : media.add({ mimetype, fileName, bytes })
}

/** The file goes up before the recipient is looked up, so a broken connection shows here and under 500. */
function uploadFault(instance: EvolutionInstance, number: string): Answer | undefined {
  if (instance.integration !== 'WHATSAPP-BAILEYS') return undefined
  if (!instance.hasSocket) return sendErrors.noSocketForUpload
  if (instance.connection !== 'open') return sendErrors.closedDuringUpload
  return magicOf(jidOf(number)) === 'servers-down' ? sendErrors.uploadFailed : undefined
}

function contentOf({ kind }: Plan, { caption, fileName }: FileFacts, media: Media | null): MessageContent {
  const text = caption === undefined ? {} : { caption }
  if (kind === 'document') return { kind, content: { media, ...text, fileName: fileName ?? 'file' } }
  if (kind === 'audio' || kind === 'voice') return { kind, content: { media } }
  return { kind, content: { media, ...text } }
}

/** WhatsApp's own part about a file: where it lies encrypted, and the key to it. */
function wireMessage(
  { kind }: Plan,
  { mimetype, fileName, caption }: FileFacts,
  bytes: Buffer | undefined,
): JsonObject {
  const directPath = `/v/t62.7118-24/${randomBytes(12).toString('hex')}`
  return {
    url: `https://mmg.whatsapp.net${directPath}`,
    mimetype: kind === 'voice' ? VOICE.mimetype : mimetype,
    ...(caption === undefined ? {} : { caption }),
    ...(kind === 'document' ? { fileName } : {}),
    ...(kind === 'voice' ? { ptt: true } : {}),
    fileSha256: bytes === undefined ? undefined : hash('sha256', bytes, 'base64'),
    fileLength: String(bytes?.length ?? 0),
    mediaKey: randomBytes(32).toString('base64'),
    fileEncSha256: randomBytes(32).toString('base64'),
    directPath,
    mediaKeyTimestamp: String(Math.floor(Date.now() / 1000)),
  }
}
