import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { evolutionProblem } from './evolution-problem.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { InstanceParams } from './instance-params.ts'
import type { RestartInstance } from './restart-instance.ts'

export function restartInstanceRoute(o: {
  authenticate: Authenticate
  audit: Audit
  instances: InstanceLookup
  restartInstance: RestartInstance
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:manage', 'per-instance')
    const { name } = parseParams(InstanceParams, req)
    const result = await o.restartInstance(foundOrRefuse(await o.instances.usable(name, principal, 'manage')))
    if (result.kind === 'evolution-failed') throw evolutionProblem(result.failure)
    if (result.kind === 'not-connected') {
      throw new ProblemError('instance-not-connected', 'It has no phone. Connect one first.')
    }
    await o.audit(req, { by: principal.id, action: 'instance.restarted', target: name })
    res.set('Cache-Control', 'no-store').json(result.connection)
  }
}
