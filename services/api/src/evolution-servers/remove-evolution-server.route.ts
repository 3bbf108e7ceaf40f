import { DEFAULT_EVOLUTION_SERVER } from '@whatsapp-sender/contract'
import type { EvolutionServersStore, Instances } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { EvolutionServerParams } from './evolution-server-body.ts'
import { type EvolutionServerView, missingServer, serverOrRefuse } from './evolution-server-view.ts'

/** Only one that nothing is at: an instance stays on its server. */
export function removeEvolutionServerRoute(o: {
  authenticate: Authenticate
  audit: Audit
  servers: Pick<EvolutionServersStore, 'remove'>
  countInstances: Instances['countAt']
  readServers(): Promise<EvolutionServerView[]>
  refresh(): Promise<void>
}): RequestHandler {
  return async (req, res) => {
    const { id: by } = await o.authenticate(req, res, 'evolution-servers')
    const { name } = parseParams(EvolutionServerParams, req)
    if (name === DEFAULT_EVOLUTION_SERVER) {
      throw new ProblemError('evolution-server-fixed', 'The server of the environment is always there.')
    }
    const { isDefault } = serverOrRefuse(await o.readServers(), name)
    if (isDefault) throw new ProblemError('evolution-server-in-use', 'New instances are made there by default.')
    const instances = await o.countInstances(name)
    if (instances > 0) {
      throw new ProblemError('evolution-server-in-use', 'Instances are there.', { members: { instances } })
    }
    if (!(await o.servers.remove(name))) throw missingServer()
    await o.audit(req, { by, action: 'evolution-server.removed', target: name })
    await o.refresh().catch(() => {})
    res.status(204).end()
  }
}
