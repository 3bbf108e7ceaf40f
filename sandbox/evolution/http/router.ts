import type { IncomingMessage } from 'node:http'
import { parserError, unauthorized, unknownInstance, unknownRoute } from '../error-bodies.ts'
import { absentInstance, type EvolutionInstance, type InstanceRegistry } from '../instances.ts'
import { databaseDownAtGuard } from '../prisma-error.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Answer } from './answer.ts'
import { decodeSegment } from './decode-segment.ts'
import { isTooDeep } from './nesting.ts'
import { answerByBody, type FormBody } from './request-body.ts'

export type Call = Readonly<{
  req: IncomingMessage
  body: unknown
  /** Of a multipart body, whose `body` is empty. */
  form: FormBody | undefined
  query: URLSearchParams
  apiKey: string
}>

type Outcome = Answer | Promise<Answer>

/** A route of the server as a whole; it looks at the key itself, for the order differs from route to route. */
type ServerRoute = Readonly<{ kind: 'server'; handle: (call: Call) => Outcome }>

/** A route whose third path segment is an instance: existence and key are checked first, in this order. */
type InstanceRoute = Readonly<{
  kind: 'instance'
  /** May end a request whose body was not read. */
  beforeBody?: (name: string) => Answer | undefined
  handle: (call: Call, instance: EvolutionInstance) => Outcome
}>

type Route = ServerRoute | InstanceRoute

export type Routes = Readonly<Record<string, Route>>

/**
 * Answers by `METHOD /folder/name`, whatever the case of the path and with or without a slash at its end.
 * The stages of the real server, in its order: body parser, route, instance, key, the route itself.
 */
export function createRouter(o: {
  routes: Routes
  instances: InstanceRegistry
  surroundings: Surroundings
  /** What has to happen before a caller is answered. */
  beforeAnswering(instance: EvolutionInstance, answer: Answer): Promise<void>
}) {
  return answer

  async function answer(req: IncomingMessage): Promise<Answer> {
    const target = parseTarget(req.url ?? '/')
    const route = routeOf(req, target)
    return earlyAnswer(route, target) ?? answerAfterBody(req, target, route)
  }

  function answerAfterBody(req: IncomingMessage, target: Target, route: Route | undefined): Promise<Answer> {
    return answerByBody(req, ({ body, form }) => {
      if (isTooDeep(body)) return parserError(400, 'too many levels of nesting')
      if (route === undefined) return unknownRoute(req.method ?? '', req.url ?? '/')
      const call = { req, body, form, query: new URLSearchParams(target.query), apiKey: apiKeyOf(req) }
      return route.kind === 'server' ? route.handle(call) : answerForInstance(route, call, target)
    })
  }

  function routeOf(req: IncomingMessage, { segments }: Target): Route | undefined {
    const method = req.method === 'HEAD' ? 'GET' : req.method
    const route = o.routes[`${method} /${segments.slice(0, 2).join('/').toLowerCase()}`]
    const depth = route?.kind === 'instance' ? 3 : Math.min(segments.length, 2)
    return segments.length === depth ? route : undefined
  }

  async function answerForInstance(route: InstanceRoute, call: Call, { name, segments }: Target): Promise<Answer> {
    if (name === undefined) return parserError(400, `Failed to decode param '${segments[2]}'`)
    const instance = o.instances.get(name)
    // What is not in memory is looked for in the database.
    if (instance === undefined) return o.surroundings.databaseIsDown ? databaseDownAtGuard : unknownInstance(name)
    if (!isKeyOf(instance, call.apiKey)) return unauthorized
    const answer = await route.handle(call, actedOn(instance, call.query))
    await o.beforeAnswering(instance, answer)
    return answer
  }

  /** Tokens are compared by the database: while it is down the right one is wrong too. */
  function isKeyOf(instance: EvolutionInstance, apiKey: string): boolean {
    if (apiKey === o.surroundings.globalKey) return true
    return apiKey === instance.token && !o.surroundings.databaseIsDown
  }

  /** The hole of 2.3.6: the query is laid over the path after the guards, so a key for one instance opens any other. */
  function actedOn(instance: EvolutionInstance, query: URLSearchParams): EvolutionInstance {
    const name = query.get('instanceName')
    return name === null ? instance : (o.instances.get(name) ?? absentInstance(name))
  }
}

function earlyAnswer(route: Route | undefined, { name }: Target): Answer | undefined {
  return route?.kind === 'instance' && name !== undefined ? route.beforeBody?.(name) : undefined
}

/** `name` is the third segment decoded, undefined when it cannot be. */
type Target = Readonly<{ segments: string[]; name: string | undefined; query: string }>

function parseTarget(url: string): Target {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const segments = path.split('/').filter((segment) => segment !== '')
  return { segments, name: decodeSegment(segments[2] ?? ''), query: mark < 0 ? '' : url.slice(mark + 1) }
}

function apiKeyOf(req: IncomingMessage): string {
  const key = req.headers['apikey']
  return typeof key === 'string' ? key : ''
}
