import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import type { ConnectInstance } from './connect-instance.ts'
import { evolutionProblem } from './evolution-problem.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { ownedInstanceOf } from './owned-instance.ts'

export function connectInstanceRoute(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  connectInstance: ConnectInstance
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res)
    const instance = await ownedInstanceOf(req, { instances: o.instances, principal })
    const connection = await o.connectInstance(instance)
    if ('failure' in connection) throw evolutionProblem(connection.failure)
    res.set('Cache-Control', 'no-store').json(connection)
  }
}
