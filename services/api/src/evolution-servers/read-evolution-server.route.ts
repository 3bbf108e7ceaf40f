import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { EvolutionServerParams } from './evolution-server-body.ts'
import { type EvolutionServerView, serverOrRefuse } from './evolution-server-view.ts'

export function readEvolutionServerRoute(o: {
  authenticate: Authenticate
  readServers(): Promise<EvolutionServerView[]>
}): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'evolution-servers')
    const { name } = parseParams(EvolutionServerParams, req)
    res.json(serverOrRefuse(await o.readServers(), name))
  }
}
