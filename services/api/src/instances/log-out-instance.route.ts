import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { evolutionProblem } from './evolution-problem.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { InstanceParams } from './instance-params.ts'

/** Takes the phone away from the instance, which stays. Of one that has none it is done already. */
export function logOutInstanceRoute(o: {
  authenticate: Authenticate
  audit: Audit
  instances: InstanceLookup
  evolution: Pick<EvolutionServers, 'logout'>
  requestCheck(id: string): Promise<unknown>
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:manage', 'per-instance')
    const { name } = parseParams(InstanceParams, req)
    const instance = foundOrRefuse(await o.instances.usable(name, principal, 'manage'))
    if (instance.channel === 'sandbox') throw new ProblemError('instance-sandbox', 'It has no phone to be taken away.')
    const { id, evolutionServer: server, evolutionToken: apiKey } = instance
    const loggedOut = await o.evolution.logout({ server, instance: name, apiKey })
    await o.requestCheck(id).catch(() => {})
    if ('failure' in loggedOut && loggedOut.failure.code !== 'instance-disconnected') {
      throw evolutionProblem(loggedOut.failure)
    }
    await o.audit(req, { by: principal.id, action: 'instance.logged-out', target: name })
    res.json({ state: 'close' })
  }
}
