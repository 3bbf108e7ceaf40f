import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { cors } from './cors.ts'
import { ProblemError } from './problem.ts'

type Handlers = Readonly<Partial<Record<'get' | 'post' | 'put' | 'patch' | 'delete', readonly RequestHandler[]>>>

/** Path to method to what handles it, in order. */
export type RouteTable = Readonly<Record<string, Handlers>>

export type AppOptions = Readonly<{
  routes: RouteTable
  log: RequestHandler
  onProblem: ErrorRequestHandler
  trustProxy: boolean
  corsOrigins: readonly string[]
}>

/** Express with nothing in front of a route that not every route needs. */
export function createApp(o: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  // Answers are never asked for a second time with If-None-Match; a hash over each would be wasted.
  app.disable('etag')
  // One proxy, the nearest: what stands left of its entry in X-Forwarded-For anybody can write.
  app.set('trust proxy', o.trustProxy ? 1 : false)
  app.use(o.log)
  if (o.corsOrigins.length > 0) app.use(cors(o.corsOrigins))
  for (const [path, handlers] of Object.entries(o.routes)) mount(app, path, handlers)
  app.use(() => {
    throw new ProblemError('not-found', 'There is no such route.')
  })
  app.use(o.onProblem)
  return app
}

function mount(app: Express, path: string, handlers: Handlers): void {
  const route = app.route(path)
  if (handlers.get) route.get(...handlers.get)
  if (handlers.post) route.post(...handlers.post)
  if (handlers.put) route.put(...handlers.put)
  if (handlers.patch) route.patch(...handlers.patch)
  if (handlers.delete) route.delete(...handlers.delete)
  const taken = Object.keys(handlers).flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  const allow = [...taken, 'OPTIONS'].join(', ')
  route.options((_req, res) => void res.status(204).set('Allow', allow).end())
  route.all(() => {
    throw new ProblemError('method-not-allowed', `This route takes ${allow}.`, { headers: { Allow: allow } })
  })
}
