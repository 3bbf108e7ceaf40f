import type { User } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { UserParams } from './user-params.ts'

/** The administrator hands the token on; the password stays as it is until somebody redeems it. */
export function issuePasswordResetRoute(o: {
  authenticate: Authenticate
  audit: Audit
  findUser(id: string): Promise<User | undefined>
  issueReset(user: string): Promise<Readonly<{ token: string; expiresAt: Date }>>
}): RequestHandler {
  return async (req, res) => {
    const by = await o.authenticate(req, res, 'users')
    const { id } = parseParams(UserParams, req)
    if ((await o.findUser(id)) === undefined) throw new ProblemError('user-not-found', 'There is no such user.')
    const { token, expiresAt } = await o.issueReset(id)
    await o.audit(req, { by: by.id, action: 'user.password-reset-issued', target: id })
    res.status(201).set('Cache-Control', 'no-store').json({ token, expiresAt })
  }
}
