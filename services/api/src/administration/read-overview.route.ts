import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import type { Overview } from './read-overview.ts'

export function readOverviewRoute(o: {
  authenticate: Authenticate
  readOverview(): Promise<Overview>
}): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'administration')
    res.json(await o.readOverview())
  }
}
