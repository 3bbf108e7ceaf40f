import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams, parseQuery } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { evolutionProblem } from './evolution-problem.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { InstanceParams } from './instance-params.ts'
import { refuseManaged } from './refuse-managed.ts'
import type { RemoveInstance } from './remove-instance.ts'

export const RemoveInstanceQuery = z.strictObject({
  keepInEvolution: z
    .enum(['true', 'false'], 'must be true or false')
    .default('false')
    .transform((text) => text === 'true'),
})

export function removeInstanceRoute(o: {
  authenticate: Authenticate
  audit: Audit
  instances: InstanceLookup
  removeInstance: RemoveInstance
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:manage')
    const { name } = parseParams(InstanceParams, req)
    const { keepInEvolution } = parseQuery(RemoveInstanceQuery, req)
    const instance = foundOrRefuse(await o.instances.owned(name, principal))
    refuseManaged(instance, principal)
    const result = await o.removeInstance(instance, { keepInEvolution, by: principal.id })
    if (result.kind === 'evolution-failed') throw evolutionProblem(result.failure)
    if (result.kind === 'under-way') {
      throw new ProblemError('unavailable', 'Evolution API is still removing it. Ask again.', { retryAfterSeconds: 2 })
    }
    const details = { instanceId: instance.id, evolution: keepInEvolution ? 'kept' : 'deleted' }
    await o.audit(req, { by: principal.id, action: 'instance.deleted', target: name, details })
    res.status(204).end()
  }
}
