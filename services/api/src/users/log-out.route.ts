import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import type { EndSessions } from './sessions.ts'

export function logOutRoute(o: { authenticate: Authenticate; endSessions: EndSessions }): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'account')
    await o.endSessions(principal)
    res.status(204).end()
  }
}
