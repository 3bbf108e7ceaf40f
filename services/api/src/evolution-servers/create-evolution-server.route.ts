import { DEFAULT_EVOLUTION_SERVER, SANDBOX_SERVER } from '@whatsapp-sender/contract'
import { EVOLUTION_SERVERS_MAX, type EvolutionServersStore } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import type { Once } from '../http/once.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { CreateEvolutionServerBody } from './evolution-server-body.ts'
import { type EvolutionServerView, serverOrRefuse } from './evolution-server-view.ts'

export function createEvolutionServerRoute(o: {
  authenticate: Authenticate
  audit: Audit
  once: Once
  servers: Pick<EvolutionServersStore, 'create' | 'choose'>
  readServers(): Promise<EvolutionServerView[]>
  /** Makes this process know of it at once. */
  refresh(): Promise<void>
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'evolution-servers')
    const { isDefault, ...server } = parseBody(CreateEvolutionServerBody, req)
    const { name, url } = server
    if (name === DEFAULT_EVOLUTION_SERVER || name === SANDBOX_SERVER) throw taken()
    await o.once(req, res, principal, async () => {
      const created = await o.servers.create(server)
      if (created === 'name-taken') throw taken()
      if (created === 'too-many') {
        throw new ProblemError('evolution-server-limit', `There are at most ${EVOLUTION_SERVERS_MAX} of them.`)
      }
      if (isDefault) await o.servers.choose(name)
      const details = { url, isDefault: String(isDefault) }
      await o.audit(req, { by: principal.id, action: 'evolution-server.created', target: name, details })
      await o.refresh().catch(() => {})
      const headers = { location: `/v1/admin/evolution-servers/${name}` }
      return { status: 201, headers, body: serverOrRefuse(await o.readServers(), name) }
    })
  }
}

function taken(): ProblemError {
  return new ProblemError('evolution-server-name-taken', 'There is an Evolution server of this name already.')
}
