/** How much of its beginning tells what a file is: of an office document the name of its first part is needed. */
export const HEAD_BYTES = 8192

export type SniffedType = Readonly<{ type: string; ending?: string | undefined } | { fault: string }>

/**
 * What a file is, by its first bytes. What the caller says of it counts where these say nothing, or only what it is
 * packed in; said against them it is a fault, in words that stand after the name of the field.
 */
export async function sniffType(head: Buffer, declaredType: string | undefined): Promise<SniffedType> {
  // Rarely needed, so not loaded before.
  const { fileTypeFromBuffer, supportedMimeTypes } = await import('file-type')
  const found = await fileTypeFromBuffer(head.subarray(0, HEAD_BYTES))
  const declared = declaredType === undefined ? undefined : plainName(declaredType)
  const claim = declared === ANY ? undefined : declared
  if (found === undefined) {
    if (claim === undefined) return { type: ANY }
    return isRecognised(claim, supportedMimeTypes)
      ? { fault: `says that it is ${claim}, and its bytes do not` }
      : { type: claim }
  }
  const type = plainName(found.mime)
  if (claim === undefined || claim === type) return { type, ending: found.ext }
  if (CONTAINERS.get(type)?.test(claim)) return { type: claim }
  if (CONTAINERS.get(claim)?.test(type)) return { type, ending: found.ext }
  return { fault: `says that it is ${claim}, and its bytes say ${type}` }
}

const ANY = 'application/octet-stream'

/** In these the same bytes may begin files of other types: a caller who says one of both is right. */
const CONTAINERS: ReadonlyMap<string, RegExp> = new Map([
  ['application/zip', /^application\/(vnd\.|x-|epub\+zip$|java-archive$)|\+zip$/],
  ['application/x-cfb', /^application\/(msword$|vnd\.)/],
  ['application/xml', /^(text|application|image)\/(xml$|[\w.-]+\+xml$|html$)/],
  ['application/gzip', /^application\/(x-)?(gzip|tar|compressed-tar)/],
  ['application/ogg', /^(audio|video)\/ogg$/],
  ['video/ogg', /^audio\/ogg$/],
  ['video/mp4', /^(audio\/mp4|video\/(3gpp|x-m4v))$/],
  ['video/3gpp', /^audio\/3gpp$/],
  ['video/webm', /^audio\/webm$/],
  ['video/matroska', /^(audio|video)\/(x-matroska|webm)$/],
  ['image/apng', /^image\/png$/],
])

/** Other names of the same. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/x-png', 'image/png'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-mpeg', 'audio/mpeg'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/vnd.wave', 'audio/wav'],
  ['audio/m4a', 'audio/mp4'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/x-aac', 'audio/aac'],
  ['audio/x-flac', 'audio/flac'],
  ['audio/opus', 'audio/ogg'],
  ['audio/amr-wb', 'audio/amr'],
  ['video/x-msvideo', 'video/vnd.avi'],
  ['application/x-pdf', 'application/pdf'],
  ['application/x-zip-compressed', 'application/zip'],
  ['text/xml', 'application/xml'],
  ['text/rtf', 'application/rtf'],
])

/** Without parameters, and by its usual name. */
function plainName(type: string): string {
  const name = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return ALIASES.get(name) ?? name
}

/** By text they are not told for certain. */
const UNCERTAIN = new Set(['application/xml', 'text/calendar', 'text/vcard', 'text/vtt', 'model/stl'])

function isRecognised(type: string, sniffed: ReadonlySet<string>): boolean {
  return !UNCERTAIN.has(type) && [...sniffed].some((name) => plainName(name) === type)
}
