import { readFileSync } from 'node:fs'
import type { RequestHandler } from 'express'
import { DOCUMENT_FILE } from './document-file.ts'

/** The OpenAPI document; the same bytes for everybody. */
export function documentRoute(): RequestHandler {
  // Read at start: a process without it should not begin.
  const bytes = Buffer.from(JSON.stringify(JSON.parse(readFileSync(DOCUMENT_FILE, 'utf8'))))
  return (_req, res) => {
    res.set('Cache-Control', 'public, max-age=60').set('Content-Type', 'application/json; charset=utf-8')
    res.end(bytes)
  }
}
