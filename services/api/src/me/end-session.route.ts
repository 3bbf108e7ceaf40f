import type { RefreshTokens } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { SessionParams } from './session-id.ts'

/**
 * Access tokens do not say which session they are of, so all of the user's end; the sessions that live on renew theirs
 * by their refresh tokens. Another user's session looks like one that does not exist.
 */
export function endSessionRoute(o: {
  authenticate: Authenticate
  audit: Audit
  endSession: RefreshTokens['end']
  bumpTokenVersion(id: string): Promise<unknown>
  forgetKnownUser(user: Readonly<{ id: string; email: string }>): void
}): RequestHandler {
  return async (req, res) => {
    const user = await o.authenticate(req, res, 'account')
    const { id } = parseParams(SessionParams, req)
    if (!(await o.endSession(user.id, id))) throw new ProblemError('session-not-found', 'There is no such session.')
    await o.bumpTokenVersion(user.id)
    o.forgetKnownUser(user)
    await o.audit(req, { by: user.id, action: 'session.ended', target: user.id })
    res.status(204).end()
  }
}
