import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'

type PageFile = Readonly<{ type: string; bytes: Buffer }>

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const STYLES = ['phone-theme.css', 'phone-conversation.css', 'phone.css']
const SCRIPTS = ['phone.js', 'phone-model.js', 'phone-parts.js', 'phone-format.js']

/** The phone: files as they are, nothing built and nothing from elsewhere. */
export function createPhonePage() {
  const files: ReadonlyMap<string, PageFile> = new Map([
    ['/phone', pageFile('index.html', 'text/html')],
    ...STYLES.map((name) => [`/phone/${name}`, pageFile(name, 'text/css')] as const),
    ...SCRIPTS.map((name) => [`/phone/${name}`, pageFile(name, 'text/javascript')] as const),
  ])
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

function pageFile(name: string, type: string): PageFile {
  return { type: `${type}; charset=utf-8`, bytes: readFileSync(new URL(`page/${name}`, import.meta.url)) }
}
