import type { ServerResponse } from 'node:http'
import type { MediaStore } from './media-store.ts'

/** What a browser shows by itself; everything else is only offered for download. */
const SHOWN = /^(image\/(?!svg)[\w.+-]+|audio\/[\w.+-]+|video\/[\w.+-]+|application\/pdf)$/

/** `GET /sandbox/media/{id}`: answers when `path` is one of its kind. A sender chose the bytes, so they get no rights. */
export function createMediaPage(media: MediaStore) {
  return {
    serve(path: string, res: ServerResponse): boolean {
      const id = /^\/sandbox\/media\/([\w-]+)$/.exec(path)?.[1]
      const file = id === undefined ? undefined : media.get(id)
      if (file === undefined) return false
      const isShown = SHOWN.test(file.mimetype)
      res.writeHead(200, {
        'Content-Type': isShown ? file.mimetype : 'application/octet-stream',
        'Content-Length': file.bytes.length,
        'Content-Disposition': dispositionOf(isShown, file.fileName),
        'Content-Security-Policy': "default-src 'none'; sandbox",
        'X-Content-Type-Options': 'nosniff',
        'Cross-Origin-Resource-Policy': 'same-origin',
        'Cache-Control': 'private, max-age=86400, immutable',
      })
      res.end(file.bytes)
      return true
    },
  }
}

function dispositionOf(isShown: boolean, fileName: string | undefined): string {
  const kind = isShown ? 'inline' : 'attachment'
  return fileName === undefined ? kind : `${kind}; filename*=UTF-8''${encodeURIComponent(fileName)}`
}
