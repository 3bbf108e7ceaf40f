import type { RequestHandler, Response } from 'express'
import { ProblemError } from '../http/problem.ts'
import { createDocsFiles, DOCS_PAGE, type DocsFile } from './docs-page.ts'

/** The one page among answers that are data: it may load what lies beside it, and call this API. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function docsPageRoute(): RequestHandler {
  return (_req, res) => {
    res.set('Content-Security-Policy', POLICY)
    send(res, DOCS_PAGE)
  }
}

/** By its name among those that the page needs; a name is never part of a path. */
export function docsFileRoute(): RequestHandler {
  const fileOf = createDocsFiles()
  return async (req, res) => {
    const file = await fileOf(String(req.params['file']))
    if (file === undefined) throw new ProblemError('not-found', 'There is no such file.')
    send(res, file)
  }
}

function send(res: Response, { type, body }: DocsFile): void {
  res.set('Cache-Control', 'public, max-age=3600').set('Content-Type', type)
  res.end(body)
}
