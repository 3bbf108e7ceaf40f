import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import type { ConnectInstance } from './connect-instance.ts'
import { evolutionProblem } from './evolution-problem.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { InstanceParams } from './instance-params.ts'

export function connectInstanceRoute(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  connectInstance: ConnectInstance
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:manage', 'per-instance')
    const { name } = parseParams(InstanceParams, req)
    const instance = foundOrRefuse(await o.instances.owned(name, principal))
    const connection = await o.connectInstance(instance)
    if ('failure' in connection) throw evolutionProblem(connection.failure)
    res.set('Cache-Control', 'no-store').json(connection)
  }
}
