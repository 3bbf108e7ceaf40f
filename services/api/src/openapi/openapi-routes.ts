import type { RouteTable } from '../http/app.ts'
import { docsFileRoute, docsPageRoute } from './docs.route.ts'
import { documentRoute } from './document.route.ts'

/** The API, described: for programs, and for people. */
export function openApiRoutes(): RouteTable {
  return {
    '/openapi.json': { get: [documentRoute()] },
    '/docs': { get: [docsPageRoute()] },
    '/docs/:file': { get: [docsFileRoute()] },
  }
}
