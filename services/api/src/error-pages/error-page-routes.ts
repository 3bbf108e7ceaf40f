import { readFile } from 'node:fs/promises'
import type { RouteTable } from '../http/app.ts'
import { showErrorPageRoute } from './show-error-page.route.ts'

const PAGES = new URL('../../../../docs/errors/', import.meta.url)

/** Where the `type` of a problem leads. */
export function errorPageRoutes(): RouteTable {
  const show = showErrorPageRoute({ readPage: (code) => readFile(new URL(`${code}.md`, PAGES), 'utf8') })
  return {
    '/errors/:code': { get: [show] },
  }
}
