import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import type { EvolutionServerView } from './evolution-server-view.ts'

export function listEvolutionServersRoute(o: {
  authenticate: Authenticate
  readServers(): Promise<EvolutionServerView[]>
}): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'evolution-servers')
    res.json({ data: await o.readServers() })
  }
}
