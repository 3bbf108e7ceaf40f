/** What the bytes say they are, else what the name says, else plain bytes. */
export function mimetypeOf(o: {
  bytes: Buffer | undefined
  /** A file name or a URL. */
  name: string | undefined
  fallback?: string | undefined
}): string {
  return (o.bytes && sniffed(o.bytes)) ?? byEnding(o.name) ?? o.fallback ?? 'application/octet-stream'
}

const SIGNATURES: readonly Readonly<{ at: number; bytes: string; mimetype: string }>[] = [
  { at: 0, bytes: '\x89PNG', mimetype: 'image/png' },
  { at: 0, bytes: '\xff\xd8\xff', mimetype: 'image/jpeg' },
  { at: 0, bytes: 'GIF8', mimetype: 'image/gif' },
  { at: 8, bytes: 'WEBP', mimetype: 'image/webp' },
  { at: 8, bytes: 'WAVE', mimetype: 'audio/wav' },
  { at: 4, bytes: 'ftypM4A', mimetype: 'audio/mp4' },
  { at: 4, bytes: 'ftyp', mimetype: 'video/mp4' },
  { at: 0, bytes: '\x1aE\xdf\xa3', mimetype: 'video/webm' },
  { at: 0, bytes: 'OggS', mimetype: 'audio/ogg' },
  { at: 0, bytes: 'ID3', mimetype: 'audio/mpeg' },
  { at: 0, bytes: '\xff\xfb', mimetype: 'audio/mpeg' },
  { at: 0, bytes: '%PDF-', mimetype: 'application/pdf' },
]

function sniffed(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, 16)
  return SIGNATURES.find((signature) => head.startsWith(signature.bytes, signature.at))?.mimetype
}

const ENDINGS: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  m4a: 'audio/mp4',
  wav: 'audio/wav',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  json: 'application/json',
  xml: 'application/xml',
  zip: 'application/zip',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

function byEnding(name: string | undefined): string | undefined {
  const ending = /\.(\w{2,5})(?:[?#]|$)/.exec(name ?? '')?.[1]
  return ending === undefined ? undefined : ENDINGS[ending.toLowerCase()]
}
