import { accessSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { RequestHandler } from 'express'
import { DOCUMENT_FILE } from './document-file.ts'

/** The OpenAPI document; the same bytes for everybody. */
export function documentRoute(): RequestHandler {
  // A process without it should not begin.
  accessSync(DOCUMENT_FILE)
  let bytes: Buffer | undefined
  return async (_req, res) => {
    bytes ??= await readDocument()
    res.set('Cache-Control', 'public, max-age=60').set('Content-Type', 'application/json; charset=utf-8')
    res.end(bytes)
  }
}

/** For its first reader, not at start: reading it takes several times its size. */
async function readDocument(): Promise<Buffer> {
  return Buffer.from(JSON.stringify(JSON.parse(await readFile(DOCUMENT_FILE, 'utf8'))))
}
