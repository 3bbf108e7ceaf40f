import { DEFAULT_EVOLUTION_SERVER } from '@whatsapp-sender/contract'
import type { EvolutionServersStore } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { ChangeEvolutionServerBody, EvolutionServerParams } from './evolution-server-body.ts'
import { type EvolutionServerView, missingServer, serverOrRefuse } from './evolution-server-view.ts'

export function changeEvolutionServerRoute(o: {
  authenticate: Authenticate
  audit: Audit
  servers: Pick<EvolutionServersStore, 'change' | 'choose'>
  readServers(): Promise<EvolutionServerView[]>
  /** Makes this process know of it at once. */
  refresh(): Promise<void>
}): RequestHandler {
  return async (req, res) => {
    const { id: by } = await o.authenticate(req, res, 'evolution-servers')
    const { name } = parseParams(EvolutionServerParams, req)
    const { url, apiKey, isDefault } = parseBody(ChangeEvolutionServerBody, req)
    const moves = url !== undefined || apiKey !== undefined
    if (moves && name === DEFAULT_EVOLUTION_SERVER) {
      throw new ProblemError('evolution-server-fixed', 'EVOLUTION_API_URL and AUTHENTICATION_API_KEY say where it is.')
    }
    if (moves && !(await o.servers.change(name, { url, apiKey }))) throw missingServer()
    if (isDefault && !(await o.servers.choose(name))) throw missingServer()
    const details = {
      ...(url !== undefined && { url }),
      ...(apiKey !== undefined && { apiKey: 'changed' }),
      ...(isDefault && { isDefault: 'true' }),
    }
    await o.audit(req, { by, action: 'evolution-server.changed', target: name, details })
    await o.refresh().catch(() => {})
    res.json(serverOrRefuse(await o.readServers(), name))
  }
}
