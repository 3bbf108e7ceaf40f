import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'

type PageFile = Readonly<{ type: string; bytes: Buffer }>

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The phone: files as they are, nothing built and nothing from elsewhere. */
export function createPhonePage() {
  const files: Readonly<Record<string, PageFile>> = {
    '/phone': pageFile('index.html', 'text/html; charset=utf-8'),
    '/phone/phone.css': pageFile('phone.css', 'text/css; charset=utf-8'),
    '/phone/phone.js': pageFile('phone.js', 'text/javascript; charset=utf-8'),
    '/phone/phone-model.js': pageFile('phone-model.js', 'text/javascript; charset=utf-8'),
    '/phone/phone-parts.js': pageFile('phone-parts.js', 'text/javascript; charset=utf-8'),
    '/phone/phone-format.js': pageFile('phone-format.js', 'text/javascript; charset=utf-8'),
  }
  return {
    /** Answers when `path` is one of the page's files. */
    serve(path: string, res: ServerResponse): boolean {
      const file = files[path === '/phone/' ? '/phone' : path]
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

function pageFile(name: string, type: string): PageFile {
  return { type, bytes: readFileSync(new URL(`page/${name}`, import.meta.url)) }
}
