import type { IncomingMessage } from 'node:http'
import { parserError, unauthorized, unknownInstance, unknownRoute } from '../error-bodies.ts'
import type { EvolutionInstance, InstanceRegistry } from '../instances.ts'
import type { Answer } from './answer.ts'
import { readRequestBody } from './request-body.ts'

export type Call = Readonly<{ req: IncomingMessage; body: unknown; query: URLSearchParams; apiKey: string }>

type Outcome = Answer | Promise<Answer>

/** A route of the server as a whole; it looks at the key itself, for the order differs from route to route. */
type ServerRoute = Readonly<{ kind: 'server'; handle(call: Call): Outcome }>

/** A route whose third path segment is an instance: existence and key are checked first, in this order. */
type InstanceRoute = Readonly<{
  kind: 'instance'
  beforeBody?(name: string): Answer | undefined
  handle(call: Call, instance: EvolutionInstance): Outcome
}>

export type Routes = Readonly<Record<string, ServerRoute | InstanceRoute>>

/**
 * Answers by `METHOD /folder/name`, whatever the case of the path and with or without a slash at its end.
 * The stages of the real server, in its order: body parser, route, instance, key, the route itself.
 */
export function createRouter(o: { routes: Routes; instances: InstanceRegistry; globalKey: string }) {
  return async (req: IncomingMessage): Promise<Answer> => {
    const url = req.url ?? '/'
    const target = parseTarget(url)
    const route = o.routes[`${req.method} /${target.segments.slice(0, 2).join('/').toLowerCase()}`]
    const fits = route !== undefined && target.segments.length === (route.kind === 'instance' ? 3 : routeDepth(target))
    const name = fits && route.kind === 'instance' ? decodeSegment(target.segments[2] ?? '') : undefined
    if (fits && route.kind === 'instance' && name !== undefined) {
      const early = route.beforeBody?.(name)
      if (early !== undefined) return early
    }
    const read = await readRequestBody(req)
    if (read.kind === 'refused') return read.answer
    if (!fits) return unknownRoute(req.method ?? '', url)
    const call = { req, body: read.body, query: new URLSearchParams(target.query), apiKey: apiKeyOf(req) }
    if (route.kind === 'server') return route.handle(call)
    if (name === undefined) return parserError(400, `Failed to decode param '${target.segments[2]}'`)
    const instance = o.instances.get(name)
    if (instance === undefined) return unknownInstance(name)
    if (call.apiKey !== o.globalKey && call.apiKey !== instance.token) return unauthorized
    return route.handle(call, instance)
  }
}

function parseTarget(url: string): { segments: string[]; query: string } {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  return {
    segments: path.split('/').filter((segment) => segment !== ''),
    query: mark < 0 ? '' : url.slice(mark + 1),
  }
}

/** The start page has no segment, every other route of the server two. */
function routeDepth(target: { segments: string[] }): number {
  return Math.min(target.segments.length, 2)
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function apiKeyOf(req: IncomingMessage): string {
  const key = req.headers['apikey']
  return typeof key === 'string' ? key : ''
}
