import { readdirSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { extname } from 'node:path'

type PageFile = Readonly<{ type: string; bytes: Buffer }>

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The phone: the files of `page/` as they are, nothing built and nothing from elsewhere. */
export function createPhonePage() {
  const files = readPage(new URL('page/', import.meta.url))
  return {
    /** Answers when `path` is one of the page's files. */
    serve(path: string, res: ServerResponse): boolean {
      const file = files.get(path === '/phone/' ? '/phone' : path)
      if (file === undefined) return false
      res.writeHead(200, {
        'Content-Type': file.type,
        'Content-Length': file.bytes.length,
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
        'Cache-Control': 'no-cache',
      })
      res.end(file.bytes)
      return true
    },
  }
}

function readPage(folder: URL): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const path = name === 'index.html' ? '/phone' : `/phone/${name}`
    files.set(path, { type, bytes: readFileSync(new URL(name, folder)) })
  }
  return files
}
