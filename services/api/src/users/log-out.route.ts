import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import type { EndSessions } from './sessions.ts'

export function logOutRoute(o: { authenticate: Authenticate; audit: Audit; endSessions: EndSessions }): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'account')
    await o.endSessions(principal)
    await o.audit(req, { by: principal.id, action: 'sessions.ended', target: principal.id })
    res.status(204).end()
  }
}
