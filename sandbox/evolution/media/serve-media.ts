import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MediaStore, StoredMedia } from './media-store.ts'

/** What a browser shows by itself; everything else is only offered for download. */
const SHOWN = /^(image\/(?!svg)[\w.+-]+|audio\/[\w.+-]+|video\/[\w.+-]+|application\/pdf)$/i

/** `GET /sandbox/media/{id}`: answers when `path` is one of its kind. A sender chose the bytes, so they get no rights. */
export function createMediaPage(media: MediaStore) {
  return {
    serve(path: string, req: IncomingMessage, res: ServerResponse): boolean {
      const id = /^\/sandbox\/media\/([\w-]+)$/.exec(path)?.[1]
      const file = id === undefined ? undefined : media.get(id)
      if (file === undefined) return false
      const size = file.bytes.length
      const part = partOf(req.headers.range, size)
      const bytes = file.bytes.subarray(part?.from ?? 0, part?.to ?? size)
      res.writeHead(part === undefined ? 200 : 206, {
        ...headersOf(file),
        'Content-Length': bytes.length,
        ...(part === undefined ? {} : { 'Content-Range': `bytes ${part.from}-${part.to - 1}/${size}` }),
      })
      res.end(bytes)
      return true
    },
  }
}

/** Players of sound and film ask for a part; anything but one plain range gets the whole file. */
function partOf(range: string | undefined, size: number): { from: number; to: number } | undefined {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(range ?? '')
  if (match === null) return undefined
  const from = Number(match[1])
  const to = match[2] === '' ? size : Math.min(Number(match[2]) + 1, size)
  return from < to ? { from, to } : undefined
}

function headersOf({ mimetype, fileName }: StoredMedia) {
  const isShown = SHOWN.test(mimetype)
  const kind = isShown ? 'inline' : 'attachment'
  return {
    'Content-Type': isShown ? mimetype : 'application/octet-stream',
    'Content-Disposition': fileName === undefined ? kind : `${kind}; filename*=UTF-8''${headerText(fileName)}`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'private, max-age=86400, immutable',
    'Accept-Ranges': 'bytes',
  }
}

function headerText(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
}
